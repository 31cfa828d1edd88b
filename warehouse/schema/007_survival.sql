-- How long contracts live.

CREATE TABLE contract_survival (
    category  VARCHAR,
    month     INTEGER NOT NULL,
    at_risk   INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    censored  INTEGER NOT NULL,
    survival  DOUBLE NOT NULL,
    lower     DOUBLE NOT NULL,
    upper     DOUBLE NOT NULL,
    contracts INTEGER NOT NULL
);
COMMENT ON TABLE contract_survival IS 'Kaplan-Meier curve of contracts from signing to cancellation: left truncated at first disclosure (a contract first told of by its end is left out), right censored at the last sign of life. Made by warehouse/survival.py through lifelines.';
COMMENT ON COLUMN contract_survival.category IS 'Category of the contracts. NULL: all.';
COMMENT ON COLUMN contract_survival.month IS 'Whole months of 30.4375 days since signing.';
COMMENT ON COLUMN contract_survival.at_risk IS 'Contracts disclosed by then and neither cancelled nor lost from sight before.';
COMMENT ON COLUMN contract_survival.cancelled IS 'Contracts cancelled in the month that ends then.';
COMMENT ON COLUMN contract_survival.censored IS 'Contracts last heard of, alive, in that month.';
COMMENT ON COLUMN contract_survival.survival IS 'Share not cancelled by then: Kaplan-Meier.';
COMMENT ON COLUMN contract_survival.lower IS 'Lower limit of the 95 % confidence interval (log-log).';
COMMENT ON COLUMN contract_survival.upper IS 'Upper limit.';
COMMENT ON COLUMN contract_survival.contracts IS 'Contracts the curve is made of.';
