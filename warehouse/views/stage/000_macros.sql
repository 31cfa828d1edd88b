-- Dates of reduced precision (2024, 2024-10, 2024-10-11, 2024-01/2024-06) as the first and last day they can mean.
CREATE OR REPLACE MACRO iso_first(part) AS
    CASE length(part)
        WHEN 4 THEN try_cast(part || '-01-01' AS DATE)
        WHEN 7 THEN try_cast(part || '-01' AS DATE)
        WHEN 10 THEN try_cast(part AS DATE)
    END;

CREATE OR REPLACE MACRO iso_last(part) AS
    CASE length(part)
        WHEN 4 THEN try_cast(part || '-12-31' AS DATE)
        WHEN 7 THEN last_day(try_cast(part || '-01' AS DATE))
        WHEN 10 THEN try_cast(part AS DATE)
    END;

CREATE OR REPLACE MACRO iso_from(iso) AS iso_first(split_part(iso, '/', 1));

CREATE OR REPLACE MACRO iso_to(iso) AS iso_last(split_part(iso, '/', -1));

-- Days from one date to another, each known to the quarter at least: who signed "in 2023" may have signed on any day.
CREATE OR REPLACE MACRO days_between(a_from, a_to, b_from, b_to) AS
    CASE WHEN a_to - a_from <= 92 AND b_to - b_from <= 92 AND b_from >= a_from THEN b_from - a_from END;

-- Whether a project's figure stands or is planned. What is to stand later is planned: 到2027年投产, told in 2025.
CREATE OR REPLACE MACRO standing(stage, day, told) AS
    CASE WHEN stage IN ('completed', 'operating', 'idle') AND coalesce(day, told) <= told
        THEN 'standing' ELSE 'planned' END;

-- 关于《算力服务合同》公告的更正公告; 關於…的補正公告.
CREATE OR REPLACE MACRO corrects(title) AS regexp_matches(title, '更正|勘误|勘誤|补正|補正');
