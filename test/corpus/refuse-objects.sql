SELECT * FROM "$DB".PUBLIC.SECRETS
-- ;;
SELECT * FROM "$secret"
-- ;;
SELECT * FROM "@secret"
-- ;;
SELECT * FROM "$1"
-- ;;
SELECT * FROM hr.people."$x"
-- ;;
WITH sv AS (SELECT 1 AS a) SELECT * FROM SEMANTIC_VIEW(sv METRICS m)
-- ;;
WITH salary AS (SELECT 1 AS a) SELECT * FROM salary AT (OFFSET => -60)
-- ;;
WITH salary AS (SELECT 1 AS a) SELECT * FROM salary BEFORE (STATEMENT => 'x')
-- ;;
WITH salary AS (SELECT 1 AS a) SELECT * FROM salary CHANGES (INFORMATION => DEFAULT) AT (OFFSET => -60)
-- ;;
WITH RECURSIVE salary AS (SELECT 1 AS a EXCEPT SELECT a FROM salary) SELECT * FROM salary
-- ;;
WITH RECURSIVE salary AS (SELECT 1 AS a INTERSECT SELECT a FROM salary) SELECT * FROM salary
-- ;;
WITH RECURSIVE salary AS (SELECT 1 AS a UNION SELECT a FROM salary) SELECT * FROM salary
-- ;;
WITH RECURSIVE salary AS (SELECT 1 AS a MINUS SELECT a FROM salary) SELECT * FROM salary
-- ;;
WITH RECURSIVE a AS (SELECT x FROM salary UNION ALL SELECT x FROM a) SELECT * FROM a
-- ;;
WITH a AS (SELECT * FROM salary), salary AS (SELECT 1) SELECT * FROM a
-- ;;
WITH a AS (WITH salary AS (SELECT 1) SELECT * FROM salary) SELECT * FROM salary
-- ;;
SELECT (WITH salary AS (SELECT 1 AS a) SELECT a FROM salary), s.a FROM salary s
-- ;;
SELECT * FROM (WITH salary AS (SELECT 1) SELECT * FROM salary) x JOIN salary y
-- ;;
WITH "salary" AS (SELECT 1) SELECT * FROM salary
-- ;;
WITH salary AS (SELECT 1) SELECT * FROM "salary"
-- ;;
WITH salary AS (SELECT 1) SELECT * FROM people.salary
-- ;;
WITH salary AS (SELECT 1) SELECT * FROM public.salary
-- ;;
SELECT * FROM orders ->> WITH salary AS (SELECT 1) SELECT * FROM salary ->> SELECT * FROM salary
-- ;;
SELECT 1 UNION ALL BY NAME SELECT * FROM salary
-- ;;
SELECT o.id FROM orders o WHERE o.id IN (SELECT id FROM hr.people.salary)
-- ;;
SELECT id, (SELECT MAX(pay) FROM hr..salary) FROM orders
-- ;;
SELECT * FROM orders PIVOT (SUM(x) FOR y IN (SELECT DISTINCT z FROM hr.people.salary))
-- ;;
SELECT * FROM orders ASOF JOIN hr.people.salary s MATCH_CONDITION (orders.ts >= s.ts)
-- ;;
SELECT * FROM orders, LATERAL (SELECT * FROM hr.people.salary) x
-- ;;
SELECT * FROM orders ORDER BY (SELECT MAX(pay) FROM hr.people.salary)
-- ;;
SELECT * FROM orders LIMIT (SELECT COUNT(*) FROM hr.people.salary)
-- ;;
SELECT * FROM orders AT (TIMESTAMP => (SELECT MAX(ts) FROM hr.people.salary))
-- ;;
SELECT * FROM TABLE(FLATTEN(INPUT => (SELECT ARRAY_AGG(pay) FROM hr.people.salary)))
-- ;;
SELECT * FROM TABLE(GENERATOR(ROWCOUNT => (SELECT MAX(pay) FROM hr.people.salary)))
-- ;;
SELECT * FROM TABLE(hr.INFORMATION_SCHEMA.QUERY_HISTORY())
-- ;;
SELECT * FROM hr.INFORMATION_SCHEMA.COLUMNS
-- ;;
SELECT * FROM "HR"."INFORMATION_SCHEMA"."TABLES"
-- ;;
SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY
-- ;;
SELECT GET_DDL('TABLE', 'hr.people.salary')
-- ;;
SELECT GET_DDL('SCHEMA', 'sales.marts')
-- ;;
SELECT GET_DDL($$TABLE$$, $$hr.people.salary$$)
-- ;;
SELECT GET_DDL('TABLE', 'hr.people.' || 'salary')
-- ;;
SELECT GET_DDL('TABLE', UPPER('hr.people.salary'))
-- ;;
SELECT "GET_DDL"('TABLE', 'hr.people.salary')
-- ;;
SELECT GET_DDL(OBJECT_TYPE => 'TABLE', OBJECT_NAME => 'hr.people.salary')
-- ;;
SELECT SYSTEM$CLUSTERING_INFORMATION('hr.people.salary', '(pay)')
-- ;;
SELECT SYSTEM$LAST_CHANGE_COMMIT_TIME('hr.people.salary')
-- ;;
SELECT GET_OBJECT_REFERENCES(DATABASE_NAME => 'HR', SCHEMA_NAME => 'PEOPLE', OBJECT_NAME => 'V')
-- ;;
SELECT SYSTEM$STREAM_HAS_DATA('hr.people.s')
-- ;;
SELECT EXPLAIN_JSON('x') FROM hr.people.salary
-- ;;
EXPLAIN SELECT * FROM hr.people.salary
-- ;;
EXPLAIN USING JSON SELECT 1 FROM orders, hr.people.salary
-- ;;
DESCRIBE TABLE hr.people.salary
-- ;;
DESC hr.people.salary
-- ;;
DESC TABLE "HR"."PEOPLE"."SALARY" TYPE = STAGE
-- ;;
DESC SEMANTIC VIEW hr.people.sv
-- ;;
DESC SCHEMA hr.people
-- ;;
DESC DATABASE hr
-- ;;
DESC STREAM hr.people.s
-- ;;
DESC EXTERNAL TABLE hr.people.salary
-- ;;
DESC ICEBERG TABLE hr.people.salary
-- ;;
DESC DYNAMIC TABLE hr.people.salary
-- ;;
DESC MATERIALIZED VIEW hr.people.salary
-- ;;
DESC CORTEX SEARCH SERVICE hr.people.svc
-- ;;
DESC FUNCTION hr.people.f(INT)
-- ;;
DESC PROCEDURE hr.people.f(INT)
-- ;;
DESC STAGE hr.people.st
-- ;;
DESC TASK hr.people.t
-- ;;
SHOW TABLES IN SCHEMA hr.people
-- ;;
SHOW TABLES IN hr.people
-- ;;
SHOW COLUMNS IN TABLE hr.people.salary
-- ;;
SHOW COLUMNS IN hr.people.salary
-- ;;
SHOW PRIMARY KEYS IN TABLE hr.people.salary
-- ;;
SHOW EXPORTED KEYS IN SCHEMA hr.people
-- ;;
SHOW GRANTS ON TABLE hr.people.salary
-- ;;
SHOW SEMANTIC DIMENSIONS IN hr.people.sv
-- ;;
SHOW VERSIONS IN MODEL hr.people.m
-- ;;
SHOW OBJECTS ->> SELECT * FROM $1
-- ;;
SHOW TABLES ->> SELECT "name" FROM $1
-- ;;
DESCRIBE TABLE sales.marts.revenue ->> SELECT * FROM $1
-- ;;
SHOW STAGES IN SCHEMA hr.people
-- ;;
SHOW USER FUNCTIONS IN DATABASE hr
-- ;;
SHOW CORTEX SEARCH SERVICES IN SCHEMA hr.people
-- ;;
LIST @hr.people.stage
-- ;;
SELECT $1 FROM @hr.people.stage
-- ;;
SELECT * FROM (hr.people.salary)
-- ;;
SELECT * FROM ((orders JOIN hr.people.salary ON TRUE))
-- ;;
SELECT * FROM orders NATURAL JOIN salary
-- ;;
SELECT hr.people.salary.pay FROM orders, hr.people.salary
-- ;;
SELECT * FROM SEMANTIC_VIEW(hr.people.sv METRICS m)
-- ;;
SELECT * FROM SEMANTIC_VIEW("HR".people.sv METRICS m)
-- ;;
SELECT * FROM hr.people.salary SAMPLE (1)
-- ;;
SELECT * FROM "SALES"."MARTS"."PII_NAMES"
-- ;;
SELECT * FROM sales.marts.pii_x, sales.marts.revenue
-- ;;
SELECT * FROM sales.marts."Pii_x"
-- ;;
SELECT * FROM sales.marts."pıı_x" JOIN sales.marts.ſecret
-- ;;
SELECT * FROM sales.marts.revenue MATCH_RECOGNIZE (ORDER BY a MEASURES (SELECT MAX(pay) FROM hr.people.salary) AS m PATTERN (a) DEFINE a AS TRUE)
-- ;;
SELECT * FROM sales.marts.revenue UNPIVOT (a FOR b IN (c)) JOIN hr.people.salary
-- ;;
SELECT * FROM sales.marts.revenue START WITH a IN (SELECT pay FROM hr.people.salary) CONNECT BY a = PRIOR b
-- ;;
VALUES ((SELECT MAX(pay) FROM hr.people.salary))
-- ;;
SELECT TRANSFORM([1], x -> (SELECT MAX(pay) FROM hr.people.salary))
-- ;;
SELECT IFF(EXISTS (SELECT 1 FROM hr.people.salary), 1, 0)
-- ;;
SELECT SUM(a) OVER (ORDER BY (SELECT 1 FROM hr.people.salary)) FROM orders
-- ;;
SELECT a FROM orders QUALIFY ROW_NUMBER() OVER (ORDER BY a) = (SELECT 1 FROM hr.people.salary)
-- ;;
SELECT a FROM orders GROUP BY a HAVING a > (SELECT 1 FROM hr.people.salary)
-- ;;
SELECT * FROM orders JOIN orders o2 ON o2.a = (SELECT 1 FROM hr.people.salary)
-- ;;
SELECT CASE WHEN TRUE THEN (SELECT 1 FROM hr.people.salary) END
-- ;;
FROM hr.people.salary
-- ;;
USE SCHEMA hr.people
-- ;;
SHOW COLUMNS IN VIEW IDENTIFIER('hr.people.v')
-- ;;
SHOW IMPORTED KEYS IN TABLE hr.people.salary
-- ;;
SELECT * FROM Hr./**/People.--x
 salary
