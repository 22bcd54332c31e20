-- The ten screenings of pack/ as one query, for SQLite and DuckDB alike: who is due for what on 1 March 2026.
-- Tables: patients(patient, birth, sex), facts(patient, code, date) where code is a small whole number (codes(id, code)),
-- dates are whole numbers as 20260301, so that an interval in years is one addition and the day itself compares right.
-- `criteria` and `modalities` are what pack/screenings.lua says.
WITH
criteria(screening, youngest, oldest, sex, needs, excludes) AS (VALUES
	('colorectal',     45, 75, NULL,     NULL,       '363406005'),
	('breast',         40, 74, 'female', NULL,       '27865001'),
	('cervical',       21, 65, 'female', NULL,       '236886002'),
	('diabetes-hba1c', 18, 75, NULL,     '44054006', NULL),
	('diabetes-eye',   18, 75, NULL,     '44054006', NULL),
	('lipids',         40, 75, NULL,     NULL,       NULL),
	('blood-pressure', 18, 90, NULL,     NULL,       NULL),
	('bone-density',   65, 90, 'female', NULL,       NULL),
	('hepatitis-c',    18, 79, NULL,     NULL,       NULL),
	('hiv',            15, 65, NULL,     NULL,       NULL)),
modalities(screening, code, years) AS (VALUES
	('colorectal', '73761001', 10), ('colorectal', '418714002', 5), ('colorectal', '57905-2', 1),
	('breast', '24606-6', 2), ('cervical', '10524-7', 3), ('cervical', '21440-3', 5),
	('diabetes-hba1c', '4548-4', 1), ('diabetes-eye', '252779009', 1), ('lipids', '2093-3', 5), ('blood-pressure', '85354-9', 1),
	('bone-density', '312681000', 2), ('hepatitis-c', '16128-1', 1000), ('hiv', '75622-1', 1000)),
done AS (
	SELECT f.patient, m.screening, max(f.date + m.years * 10000) AS due
	FROM modalities m JOIN codes c ON c.code = m.code JOIN facts f ON f.code = c.id GROUP BY f.patient, m.screening),
excluded AS (SELECT DISTINCT f.patient, k.screening FROM criteria k JOIN codes c ON c.code = k.excludes JOIN facts f ON f.code = c.id),
needed AS (SELECT f.patient, k.screening, min(f.date) AS since FROM criteria k JOIN codes c ON c.code = k.needs JOIN facts f ON f.code = c.id GROUP BY f.patient, k.screening),
eligible AS ( -- `grown` is the first day of the right age, before which nothing is due; `since` the day from which one who was never screened is due
	SELECT p.patient, k.screening, p.birth + k.youngest * 10000 AS grown,
		CASE WHEN n.since > p.birth + k.youngest * 10000 THEN n.since ELSE p.birth + k.youngest * 10000 END AS since
	FROM patients p JOIN criteria k ON p.birth + k.youngest * 10000 <= 20260301 AND p.birth + (k.oldest + 1) * 10000 > 20260301 AND (k.sex IS NULL OR k.sex = p.sex)
	LEFT JOIN needed n ON n.patient = p.patient AND n.screening = k.screening
	LEFT JOIN excluded x ON x.patient = p.patient AND x.screening = k.screening
	WHERE x.patient IS NULL AND (k.needs IS NULL OR n.patient IS NOT NULL)),
rows_due AS (
	SELECT e.patient, e.screening, CASE WHEN d.due IS NULL THEN e.since WHEN d.due > e.grown THEN d.due ELSE e.grown END AS due
	FROM eligible e LEFT JOIN done d ON d.patient = e.patient AND d.screening = e.screening)
