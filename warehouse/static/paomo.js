// Sorting and filtering of tables, and the way to the evidence. Reads the page, never runs text from it.
"use strict";
(() => {
  const number = (cell) => (cell && cell.dataset.v !== undefined ? Number(cell.dataset.v) : NaN);
  const text = (cell) => (cell ? cell.textContent.trim() : "");
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });

  function compare(a, b) {
    const [x, y] = [number(a), number(b)];
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    return order.compare(text(a), text(b));
  }

  function sort(table, head, column) {
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [row, row.cells[column]]);
    rows.sort(([, a], [, b]) => {
      if (!text(a) || !text(b)) return Boolean(text(b)) - Boolean(text(a)); // what is not said comes last
      return up ? compare(a, b) : compare(b, a);
    });
    body.append(...rows.map(([row]) => row));
  }

  function sortable(table) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => sort(table, head, column));
    });
  }

  function filterable(box) {
    const table = document.getElementById(box.dataset.filter);
    if (!table) return;
    const count = document.querySelector(`[data-count="${box.dataset.filter}"]`);
    const unit = count ? count.textContent.replace(/^[\d,]+\s*/, "") : "";
    const rows = [...table.tBodies[0].rows].map((row) => [row, row.textContent.toLowerCase()]);
    const filter = () => {
      const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let seen = 0;
      for (const [row, content] of rows) {
        row.hidden = !wanted.every((word) => content.includes(word));
        seen += row.hidden ? 0 : 1;
      }
      if (count) count.textContent = `${seen} ${unit}`;
    };
    box.addEventListener("input", filter);
    if (box.value) filter();
  }

  function enliven(part) {
    part.querySelectorAll("table[data-sortable]").forEach(sortable);
    part.querySelectorAll("input[data-filter]").forEach(filterable);
  }

  enliven(document);
  addEventListener("htmx:afterSwap", (event) => enliven(document.getElementById("answer") || event.target));

  document.getElementById("query")?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form.requestSubmit();
  });

  const show = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "ARTICLE") target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", show);
  show();
  addEventListener("beforeprint", () => document.querySelectorAll("figure details").forEach((d) => (d.open = true)));
})();
