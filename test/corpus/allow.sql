SELECT 1
-- ;;
select current_version(), current_timestamp(), current_user(), current_role(), current_warehouse()
-- ;;
SELECT CURRENT_DATE, CURRENT_TIMESTAMP, CURRENT_TIME;
-- ;;
SELECT * FROM orders LIMIT 10
-- ;;
SELECT * FROM DEMO_DB.PUBLIC.ORDERS ORDER BY 1 LIMIT 10 OFFSET 5
-- ;;
SELECT o.* EXCLUDE (comment), o.comment AS note FROM orders o
-- ;;
SELECT * EXCLUDE comment FROM orders
-- ;;
SELECT * RENAME (id AS order_id) FROM orders
-- ;;
SELECT * REPLACE (UPPER(name) AS name) FROM customers
-- ;;
SELECT * ILIKE '%id%' FROM orders
-- ;;
SELECT TOP 10 name, total FROM customers ORDER BY total DESC
-- ;;
SELECT DISTINCT region FROM customers
-- ;;
SELECT ALL region FROM customers
-- ;;
SELECT region, COUNT(*) AS n, COUNT(DISTINCT id), SUM(total), AVG(total), MIN(total), MAX(total) FROM customers GROUP BY region HAVING COUNT(*) > 5 ORDER BY n DESC NULLS LAST
-- ;;
SELECT region, SUM(total) FROM customers GROUP BY ALL
-- ;;
SELECT a, b, SUM(c) FROM t GROUP BY ROLLUP (a, b)
-- ;;
SELECT a, b, SUM(c), GROUPING(a), GROUPING_ID(a, b) FROM t GROUP BY CUBE (a, b)
-- ;;
SELECT a, b, SUM(c) FROM t GROUP BY GROUPING SETS ((a), (b), ())
-- ;;
SELECT id, total, ROW_NUMBER() OVER (PARTITION BY region ORDER BY total DESC) AS rn FROM customers QUALIFY rn <= 3
-- ;;
SELECT * FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts DESC) = 1
-- ;;
SELECT ts, SUM(v) OVER (ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running FROM t
-- ;;
SELECT ts, AVG(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) FROM t
-- ;;
SELECT ts, SUM(v) OVER (ORDER BY ts RANGE BETWEEN INTERVAL '7 days' PRECEDING AND CURRENT ROW) FROM t
-- ;;
SELECT LAG(v, 1, 0) OVER (ORDER BY ts), LEAD(v) OVER (ORDER BY ts), FIRST_VALUE(v) IGNORE NULLS OVER (ORDER BY ts), LAST_VALUE(v) OVER (ORDER BY ts) FROM t
-- ;;
SELECT LAG(v) IGNORE NULLS OVER (PARTITION BY k ORDER BY ts) FROM t
-- ;;
SELECT NTILE(4) OVER (ORDER BY v), RANK() OVER (ORDER BY v), DENSE_RANK() OVER (ORDER BY v), PERCENT_RANK() OVER (ORDER BY v), CUME_DIST() OVER (ORDER BY v) FROM t
-- ;;
SELECT RATIO_TO_REPORT(v) OVER (PARTITION BY k) FROM t
-- ;;
SELECT CONDITIONAL_TRUE_EVENT(v > 10) OVER (PARTITION BY k ORDER BY ts) AS session_id FROM t
-- ;;
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY v) FROM t
-- ;;
SELECT k, LISTAGG(DISTINCT name, ', ') WITHIN GROUP (ORDER BY name) FROM t GROUP BY k
-- ;;
SELECT k, ARRAY_AGG(name) WITHIN GROUP (ORDER BY ts DESC) FROM t GROUP BY k
-- ;;
SELECT APPROX_COUNT_DISTINCT(id), HLL(id), APPROX_PERCENTILE(v, 0.95), MEDIAN(v), MODE(v), STDDEV(v), VARIANCE(v), CORR(a, b) FROM t
-- ;;
SELECT MAX_BY(name, total), MIN_BY(name, total), ANY_VALUE(region), COUNT_IF(total > 10), BOOLOR_AGG(flag), BITAND_AGG(bits) FROM t
-- ;;
SELECT f.value:id::INT AS id, f.index FROM t, LATERAL FLATTEN(INPUT => t.payload:items) f
-- ;;
SELECT f.value FROM t, LATERAL FLATTEN(t.payload) f
-- ;;
SELECT f.key, f.value::STRING FROM t, TABLE(FLATTEN(INPUT => t.payload, OUTER => TRUE, RECURSIVE => FALSE, MODE => 'OBJECT')) f
-- ;;
SELECT value FROM TABLE(FLATTEN(PARSE_JSON('[1,2,3]')))
-- ;;
SELECT t.id, f.value FROM t JOIN LATERAL FLATTEN(INPUT => t.tags) f
-- ;;
SELECT v:a.b[0].c::STRING, v:"Mixed Key"::NUMBER(10,2), v['x']['y']::INT, GET_PATH(v, 'a.b') FROM t
-- ;;
SELECT payload:customer.name::VARCHAR name, payload:items[0]:price::FLOAT FROM events WHERE payload:type = 'order'
-- ;;
SELECT src:device.os, src:"key with space" FROM raw
-- ;;
SELECT PARSE_JSON('{"a":1}'):a::INT
-- ;;
SELECT OBJECT_CONSTRUCT('a', 1, 'b', 'x'), ARRAY_CONSTRUCT(1, 2, 3), {'a': 1, 'b': [1, 2]}, [1, 2, 3]
-- ;;
SELECT OBJECT_CONSTRUCT(*) FROM t
-- ;;
SELECT OBJECT_KEYS(v), ARRAY_SIZE(a), ARRAY_CONTAINS('x'::VARIANT, a), ARRAY_SLICE(a, 0, 2), ARRAY_TO_STRING(a, ','), TYPEOF(v), IS_NULL_VALUE(v:x) FROM t
-- ;;
SELECT TRY_PARSE_JSON(s), CHECK_JSON(s), STRIP_NULL_VALUE(v), TO_JSON(v), TO_VARIANT(1) FROM t
-- ;;
SELECT FILTER(a, x -> x > 1), TRANSFORM(a, x -> x * 2) FROM t
-- ;;
SELECT REDUCE(a, 0, (acc, x) -> acc + x) FROM t
-- ;;
SELECT FILTER(a, x INT -> x > 1) FROM t
-- ;;
SELECT SPLIT(s, ','), SPLIT_PART(s, '-', 2), STRTOK(s, ' ', 1), REGEXP_SUBSTR(s, '\\d+'), REGEXP_REPLACE(s, '[^a-z]', ''), REGEXP_COUNT(s, 'a'), REGEXP_LIKE(s, 'a.*') FROM t
-- ;;
SELECT * FROM TABLE(SPLIT_TO_TABLE('a,b,c', ','))
-- ;;
SELECT t.id, s.value FROM t, LATERAL SPLIT_TO_TABLE(t.tags, ',') s
-- ;;
SELECT s.index, s.value FROM t, LATERAL STRTOK_SPLIT_TO_TABLE(t.tags, ' ') AS s
-- ;;
SELECT SEQ4(), UNIFORM(1, 10, RANDOM()), RANDSTR(5, RANDOM()) FROM TABLE(GENERATOR(ROWCOUNT => 10))
-- ;;
SELECT ROW_NUMBER() OVER (ORDER BY SEQ4()) AS n FROM TABLE(GENERATOR(ROWCOUNT => 100))
-- ;;
SELECT DATEADD(day, SEQ4(), '2024-01-01'::DATE) AS d FROM TABLE(GENERATOR(ROWCOUNT => 366))
-- ;;
SELECT * FROM sales PIVOT(SUM(amount) FOR month IN ('JAN', 'FEB', 'MAR')) AS p
-- ;;
SELECT * FROM sales PIVOT(SUM(amount) FOR month IN (ANY ORDER BY month)) ORDER BY empid
-- ;;
SELECT * FROM sales PIVOT(SUM(amount) FOR month IN ('JAN', 'FEB')) AS p (emp, jan, feb)
-- ;;
SELECT * FROM sales PIVOT(SUM(amount) FOR month IN (SELECT DISTINCT month FROM months))
-- ;;
SELECT * FROM monthly UNPIVOT(sales FOR month IN (jan, feb, mar))
-- ;;
SELECT * FROM monthly UNPIVOT INCLUDE NULLS (sales FOR month IN (jan, feb, mar)) ORDER BY 1
-- ;;
SELECT * FROM stock MATCH_RECOGNIZE(PARTITION BY company ORDER BY price_date MEASURES MATCH_NUMBER() AS match_number, FIRST(price_date) AS start_date, LAST(price_date) AS end_date, COUNT(*) AS n ONE ROW PER MATCH AFTER MATCH SKIP TO LAST up PATTERN (down+ up+) DEFINE down AS price < LAG(price), up AS price > LAG(price)) ORDER BY company
-- ;;
SELECT t.*, q.price FROM trades t ASOF JOIN quotes q MATCH_CONDITION (t.ts >= q.ts) ON t.symbol = q.symbol
-- ;;
SELECT * FROM left_t ASOF JOIN right_t MATCH_CONDITION (left_t.ts >= right_t.ts) USING (k)
-- ;;
SELECT * FROM orders SAMPLE (10)
-- ;;
SELECT * FROM orders TABLESAMPLE BERNOULLI (20.3)
-- ;;
SELECT * FROM orders SAMPLE SYSTEM (3) SEED (82)
-- ;;
SELECT * FROM orders SAMPLE (100 ROWS)
-- ;;
SELECT * FROM orders AT(TIMESTAMP => '2024-06-05 12:30:00'::TIMESTAMP_LTZ)
-- ;;
SELECT * FROM orders AT(OFFSET => -60*5)
-- ;;
SELECT * FROM orders BEFORE(STATEMENT => '8e5d0ca9-005e-44e6-b858-a8f5b37c5726')
-- ;;
SELECT * FROM orders AT(OFFSET => -60) AS o WHERE o.id = 1
-- ;;
SELECT * FROM orders CHANGES(INFORMATION => DEFAULT) AT(TIMESTAMP => '2024-06-05'::TIMESTAMP)
-- ;;
VALUES (1, 'a'), (2, 'b')
-- ;;
SELECT * FROM VALUES (1, 'a'), (2, 'b')
-- ;;
SELECT column1, $2 FROM (VALUES (1, 'one'), (2, 'two'))
-- ;;
SELECT c1, c2 FROM (VALUES (1, 'one'), (2, 'two')) AS v1 (c1, c2)
-- ;;
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS t(a, b)
-- ;;
SELECT 1 UNION SELECT 2
-- ;;
SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3
-- ;;
SELECT a FROM t1 INTERSECT SELECT a FROM t2
-- ;;
SELECT a FROM t1 EXCEPT SELECT a FROM t2
-- ;;
SELECT a FROM t1 MINUS SELECT a FROM t2
-- ;;
SELECT a, b FROM t1 UNION ALL BY NAME SELECT b, a FROM t2
-- ;;
(SELECT 1)
-- ;;
(SELECT 1) UNION (SELECT 2) ORDER BY 1
-- ;;
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT * FROM a, b
-- ;;
WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 10) SELECT * FROM c
-- ;;
WITH RECURSIVE managers (indent, employee_id, manager_id) AS (SELECT '', employee_id, manager_id FROM employees WHERE title = 'President' UNION ALL SELECT indent || '--- ', e.employee_id, e.manager_id FROM employees e JOIN managers m ON e.manager_id = m.employee_id) SELECT * FROM managers
-- ;;
SELECT employee_id, LEVEL, SYS_CONNECT_BY_PATH(title, ' -> ') FROM employees START WITH title = 'President' CONNECT BY manager_id = PRIOR employee_id ORDER BY employee_id
-- ;;
SELECT employee_id, CONNECT_BY_ROOT title FROM employees START WITH title = 'President' CONNECT BY PRIOR employee_id = manager_id
-- ;;
SELECT * FROM a LEFT OUTER JOIN b ON a.id = b.id
-- ;;
SELECT * FROM a FULL OUTER JOIN b USING (id) CROSS JOIN c NATURAL JOIN d
-- ;;
SELECT * FROM a RIGHT JOIN b ON a.id = b.id AND b.deleted_at IS NULL
-- ;;
SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.id = a.id) l
-- ;;
SELECT * FROM departments d INNER JOIN LATERAL (SELECT * FROM employees e WHERE e.dept = d.id) iv2 ORDER BY d.id
-- ;;
SELECT * FROM a WHERE id IN (SELECT id FROM b) AND NOT EXISTS (SELECT 1 FROM c WHERE c.id = a.id)
-- ;;
SELECT * FROM t WHERE name LIKE 'A%' AND name ILIKE '%b%' AND name NOT LIKE '%\\_%' ESCAPE '\\'
-- ;;
SELECT * FROM t WHERE name ILIKE ANY ('%a%', '%b%')
-- ;;
SELECT * FROM t WHERE name LIKE ANY ('a%', 'b%') OR name LIKE ALL ('%x', '%y')
-- ;;
SELECT * FROM t WHERE name RLIKE '^a.*' OR name REGEXP 'b+'
-- ;;
SELECT * FROM t WHERE v BETWEEN 1 AND 10 AND w NOT BETWEEN 2 AND 3
-- ;;
SELECT * FROM t WHERE a IS NOT DISTINCT FROM b AND c IS DISTINCT FROM d
-- ;;
SELECT * FROM t WHERE (a, b) IN ((1, 2), (3, 4))
-- ;;
SELECT * FROM t WHERE a > ALL (SELECT b FROM u) OR a = ANY (SELECT b FROM u)
-- ;;
SELECT CASE WHEN a > 1 THEN 'x' WHEN a = 1 THEN 'y' ELSE 'z' END, CASE a WHEN 1 THEN 'one' END FROM t
-- ;;
SELECT IFF(a > 1, 'x', 'y'), NVL(a, 0), NVL2(a, 1, 2), COALESCE(a, b, 0), NULLIF(a, 0), ZEROIFNULL(a), NULLIFZERO(a), DECODE(a, 1, 'one', 'other'), GREATEST(a, b), LEAST(a, b), EQUAL_NULL(a, b), DIV0(a, b) FROM t
-- ;;
SELECT DATE_TRUNC('month', ts), DATE_TRUNC(month, ts), DATEDIFF(day, a, b), DATEADD(hour, -3, ts), TIMESTAMPDIFF(second, a, b), LAST_DAY(d), ADD_MONTHS(d, 1), NEXT_DAY(d, 'Fr'), MONTHS_BETWEEN(a, b), TIME_SLICE(ts, 15, 'MINUTE') FROM t
-- ;;
SELECT EXTRACT(YEAR FROM ts), EXTRACT(epoch_second FROM ts), YEAR(ts), MONTHNAME(ts), DAYNAME(ts), DAYOFWEEK(ts), WEEKISO(ts), QUARTER(ts), HOUR(ts), DATE_PART(year, ts) FROM t
-- ;;
SELECT TO_DATE('2024-01-01'), TO_TIMESTAMP('2024-01-01 00:00:00', 'YYYY-MM-DD HH24:MI:SS'), TRY_TO_DATE(s), TO_CHAR(ts, 'YYYY-MM'), TO_NUMBER('1.5', 10, 2), TRY_TO_NUMBER(s), TO_DECIMAL('1'), TO_DOUBLE('1'), TO_BOOLEAN('true'), TO_VARCHAR(1), TO_TIME('10:00'), TO_BINARY('ff', 'HEX') FROM t
-- ;;
SELECT CONVERT_TIMEZONE('UTC', 'Europe/Berlin', ts), DATE_FROM_PARTS(2024, 1, 1), TIMESTAMP_NTZ_FROM_PARTS(2024, 1, 1, 0, 0, 0), TIMESTAMP_FROM_PARTS(2024,1,1,0,0,0) FROM t
-- ;;
SELECT CAST(a AS NUMBER(38, 2)), CAST(b AS TIMESTAMP_NTZ(9)), TRY_CAST(c AS INT), d::VARCHAR(10), e::TIMESTAMP_TZ, f::VARIANT, g::OBJECT, h::ARRAY, i::BINARY, j::BOOLEAN, k::DOUBLE PRECISION, l::GEOGRAPHY FROM t
-- ;;
SELECT a::DECIMAL(10,2)::VARCHAR || '%' FROM t
-- ;;
SELECT 'a' || 'b' || c, CONCAT(a, b), CONCAT_WS('-', a, b), UPPER(a), LOWER(a), INITCAP(a), TRIM(a), LTRIM(a, '0'), RTRIM(a), LPAD(a, 5, '0'), RPAD(a, 5), LENGTH(a), LEN(a), REVERSE(a), REPLACE(a, 'x', 'y'), SUBSTR(a, 1, 2), SUBSTRING(a, 2), LEFT(a, 2), RIGHT(a, 2), POSITION('a', a), POSITION('a' IN a), CHARINDEX('a', a), CONTAINS(a, 'b'), STARTSWITH(a, 'b'), ENDSWITH(a, 'c'), REPEAT(a, 3), ASCII(a), CHR(65), TRANSLATE(a, 'ab', 'cd'), INSERT(a, 1, 2, 'Z'), EDITDISTANCE(a, b), SOUNDEX(a), JAROWINKLER_SIMILARITY(a, b) FROM t
-- ;;
SELECT ABS(a), CEIL(a), FLOOR(a), ROUND(a, 2), TRUNC(a, 1), MOD(a, 3), POWER(a, 2), SQRT(a), EXP(a), LN(a), LOG(10, a), SIGN(a), SIN(a), RADIANS(a), PI(), WIDTH_BUCKET(a, 0, 10, 5), HAVERSINE(1, 2, 3, 4), BITAND(a, 1), FACTORIAL(5), SQUARE(a) FROM t
-- ;;
SELECT MD5(a), SHA2(a, 256), SHA1(a), HASH(a, b), HASH(*), BASE64_ENCODE(a), BASE64_DECODE_STRING(a), HEX_ENCODE(a), UUID_STRING(), TO_HEX(1) FROM t
-- ;;
SELECT ST_DISTANCE(ST_MAKEPOINT(1, 2), ST_POINT(3, 4)), ST_ASGEOJSON(g), H3_LATLNG_TO_CELL(1.0, 2.0, 8), ST_CONTAINS(a, b) FROM t
-- ;;
SELECT SYSTEM$TYPEOF(1), TYPEOF(v) FROM t
-- ;;
SELECT 'it''s; DROP TABLE x --' AS s, 'back\'slash; DELETE FROM t' AS b, $$dollar ' ; DROP TABLE t$$ AS d
-- ;;
SELECT "Quoted Col", "with""quote", t."a;b" FROM "My Table" t
-- ;;
SELECT /* a comment ; DROP TABLE t */ 1 -- and ; DELETE FROM t
-- ;;
// line comment
SELECT 1 // another ; DROP
-- ;;
SELECT $1, t.$2 FROM t
-- ;;
SELECT $my_var, id FROM t WHERE d >= $start_date
-- ;;
SELECT * FROM t WHERE a = ? AND b = :1 AND c = :name
-- ;;
SELECT * FROM t WHERE a = -1 AND b = +2 AND c = 1.5e-3 AND d = .5 AND e = X'FF'
-- ;;
SELECT DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00', TIME '10:00:00', INTERVAL '1 day', d + INTERVAL '3 months, 2 days' FROM t
-- ;;
SELECT * FROM t WHERE ts >= DATEADD('day', -7, CURRENT_DATE())
-- ;;
SELECT * FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF1.LINEITEM WHERE l_shipdate <= DATE '1998-12-01' - INTERVAL '90 day'
-- ;;
SELECT l_returnflag, l_linestatus, SUM(l_quantity) AS sum_qty, SUM(l_extendedprice * (1 - l_discount)) AS sum_disc_price FROM lineitem WHERE l_shipdate <= DATEADD(day, -90, TO_DATE('1998-12-01')) GROUP BY l_returnflag, l_linestatus ORDER BY l_returnflag, l_linestatus
-- ;;
SELECT table_catalog, table_schema, table_name, row_count, bytes FROM DEMO_DB.INFORMATION_SCHEMA.TABLES WHERE table_type = 'BASE TABLE'
-- ;;
SELECT * FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10)) ORDER BY start_time DESC
-- ;;
SELECT * FROM TABLE(DEMO_DB.INFORMATION_SCHEMA.WAREHOUSE_METERING_HISTORY(DATEADD('days', -10, CURRENT_DATE())))
-- ;;
SELECT warehouse_name, SUM(credits_used) FROM SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY GROUP BY 1
-- ;;
SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))
-- ;;
SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(-2))) WHERE "name" LIKE 'A%'
-- ;;
SELECT GET_DDL('VIEW', 'DEMO_DB.PUBLIC.V')
-- ;;
SHOW DATABASES
-- ;;
SHOW TERSE SCHEMAS IN DATABASE demo_db
-- ;;
SHOW TABLES LIKE '%order%' IN SCHEMA demo_db.public STARTS WITH 'O' LIMIT 10 FROM 'ORDERS'
-- ;;
SHOW VIEWS IN demo_db.public
-- ;;
SHOW COLUMNS IN TABLE "My DB"."My Schema"."T"
-- ;;
SHOW TERSE TABLES HISTORY IN ACCOUNT
-- ;;
SHOW GRANTS TO ROLE analyst
-- ;;
SHOW GRANTS ON TABLE demo_db.public.orders
-- ;;
SHOW WAREHOUSES
-- ;;
SHOW PARAMETERS LIKE 'TIMEZONE' IN SESSION
-- ;;
SHOW PRIMARY KEYS IN TABLE t;
-- ;;
SHOW IMPORTED KEYS IN SCHEMA public
-- ;;
SHOW SEMANTIC VIEWS IN DATABASE d
-- ;;
SHOW USER FUNCTIONS LIKE 'F%'
-- ;;
show roles
-- ;;
DESCRIBE TABLE demo_db.public.orders
-- ;;
DESC VIEW v
-- ;;
DESCRIBE TABLE t TYPE = STAGE
-- ;;
DESC FUNCTION f(NUMBER, VARCHAR)
-- ;;
DESCRIBE RESULT LAST_QUERY_ID()
-- ;;
DESC USER jane
-- ;;
EXPLAIN SELECT * FROM orders WHERE id = 1
-- ;;
EXPLAIN USING TABULAR SELECT * FROM orders
-- ;;
EXPLAIN USING JSON WITH a AS (SELECT 1 x) SELECT * FROM a
-- ;;
explain using text (select 1 union select 2)
-- ;;
SHOW TABLES ->> SELECT "name", "rows" FROM $1 WHERE "rows" > 0
-- ;;
SHOW WAREHOUSES ->> SELECT "name" FROM $1 ->> SELECT COUNT(*) FROM $1
-- ;;
SELECT 1 AS a ->> SELECT a + 1 FROM $1
-- ;;
SHOW TABLES ->> SHOW SCHEMAS ->> SELECT a."name", b."name" FROM $1 a JOIN $2 b ON a."schema_name" = b."name"
-- ;;
DESC TABLE t ->> SELECT "name", "type" FROM $1
-- ;;
SELECT * FROM SEMANTIC_VIEW(tpch DIMENSIONS customer.market_segment METRICS orders.avg_value)
-- ;;
SELECT * FROM SEMANTIC_VIEW(tpch DIMENSIONS customer.seg METRICS orders.n WHERE customer.seg = 'AUTO') ORDER BY 1
-- ;;
SELECT id, SUM(x) FROM t GROUP BY 1 ORDER BY 2 DESC FETCH FIRST 10 ROWS ONLY
-- ;;
SELECT * FROM t LIMIT 10
-- ;;
SELECT * FROM t ORDER BY a ASC NULLS FIRST, b DESC LIMIT NULL OFFSET 2
-- ;;
SELECT COUNT(*) FILTER (WHERE a > 1) FROM t
-- ;;
SELECT t.a AS "Select", t.b AS update_count, deleted, "DELETE" FROM t WHERE created_at > '2024-01-01' AND updated_by = 'merge'
-- ;;
SELECT call_id, copy_count, grant_type, execute_count FROM calls WHERE action IN ('insert', 'update', 'drop')
-- ;;
SELECT COLLATE(a, 'en-ci'), a COLLATE 'de' FROM t ORDER BY a COLLATE 'en'
-- ;;
SELECT BITSHIFTLEFT(a, 1), TO_ARRAY(a), ARRAYS_OVERLAP(a, b), ARRAY_INTERSECTION(a, b), ARRAY_DISTINCT(a), ARRAY_CAT(a, b), ARRAY_COMPACT(a), ARRAY_FLATTEN(a), ARRAY_SORT(a), ARRAY_MIN(a), ARRAY_MAX(a), ARRAY_POSITION(1, a), ARRAY_UNIQUE_AGG(a) FROM t
-- ;;
SELECT OBJECT_AGG(k, v), OBJECT_INSERT(o, 'k', 1), OBJECT_DELETE(o, 'k'), OBJECT_PICK(o, 'a', 'b'), MAP_KEYS(m) FROM t
-- ;;
SELECT v:a:b:c, v:a['b'].c, v[0], v:arr[0][1] FROM t
-- ;;
SELECT seq4() AS s, 1 AS "one", NULL AS n, TRUE AS t, FALSE AS f
-- ;;
SELECT * FROM (SELECT a FROM t) AS sub (b)
-- ;;
SELECT (SELECT MAX(a) FROM t) AS m, EXISTS (SELECT 1 FROM u) AS e
-- ;;
SELECT a, b, FROM t
-- ;;
SELECT t1.a FROM t1 JOIN t2 ON t1.id = t2.id JOIN t3 ON t2.id = t3.id WHERE t1.d BETWEEN '2024-01-01' AND '2024-12-31' AND t3.x IN (1,2,3)
-- ;;
SELECT year, month, day, date, time, user_id, type, value, name, rank, level, comment, status FROM events
-- ;;
SELECT a AS left_col, b right_col FROM t WHERE NOT a
-- ;;
SELECT * FROM t1 WINDOW
-- ;;
SELECT SUM(v) OVER w FROM t WINDOW w AS (PARTITION BY k ORDER BY ts)
-- ;;
SELECT TO_TIMESTAMP_NTZ(1700000000), TO_TIMESTAMP_LTZ('2024-01-01'), TO_TIMESTAMP_TZ('2024-01-01 00:00:00 +01:00'), SYSDATE(), GETDATE(), LOCALTIMESTAMP()
-- ;;
SELECT CURRENT_DATABASE(), CURRENT_SCHEMA(), CURRENT_SCHEMAS(), CURRENT_SESSION(), CURRENT_ACCOUNT(), CURRENT_REGION(), CURRENT_STATEMENT(), IS_ROLE_IN_SESSION('X'), CURRENT_AVAILABLE_ROLES()
-- ;;
SELECT DISTINCT ON_TIME, OFFSET_DAYS FROM shipments
-- ;;
SELECT REGR_SLOPE(y, x), COVAR_POP(x, y), SKEW(x), KURTOSIS(x), STDDEV_POP(x), VAR_SAMP(x), APPROX_TOP_K(x, 10), MINHASH(100, x), APPROXIMATE_JACCARD_INDEX(x) FROM t
-- ;;
SELECT TO_GEOGRAPHY('POINT(1 2)'), TRY_TO_GEOMETRY(s) FROM t
-- ;;
SELECT VECTOR_COSINE_SIMILARITY(a, [1.0, 2.0]::VECTOR(FLOAT, 2)) FROM t
-- ;;
SELECT XMLGET(x, 'a'):"$"::STRING, PARSE_XML(s) FROM t
-- ;;
SELECT x:"@id"::STRING FROM t
-- ;;
SELECT a.b.c.d FROM a.b.c
-- ;;
SELECT * FROM db..orders
-- ;;
SELECT IDENTITY_COL, "IDENTIFIER" FROM t
-- ;;
SELECT DATEDIFF('minute', MIN(ts), MAX(ts)) / 60.0 AS hours, 100.0 * SUM(IFF(ok, 1, 0)) / NULLIF(COUNT(*), 0) AS pct FROM runs
-- ;;
WITH daily AS (SELECT DATE_TRUNC('day', ts)::DATE AS d, COUNT(*) AS n FROM events WHERE ts >= DATEADD(month, -3, CURRENT_DATE) GROUP BY 1) SELECT d, n, AVG(n) OVER (ORDER BY d ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS ma7, n - LAG(n) OVER (ORDER BY d) AS delta FROM daily ORDER BY d
-- ;;
WITH cohort AS (SELECT user_id, MIN(DATE_TRUNC('month', ts)) AS m FROM events GROUP BY 1), act AS (SELECT DISTINCT e.user_id, DATEDIFF('month', c.m, e.ts) AS k FROM events e JOIN cohort c USING (user_id)) SELECT m, k, COUNT(DISTINCT user_id) FROM cohort JOIN act USING (user_id) GROUP BY m, k ORDER BY m, k
-- ;;
SELECT * FROM t WHERE v:a IS NULL OR IS_INTEGER(v:b) OR v:c::STRING = 'x' AND AS_INTEGER(v:d) > 2
-- ;;
SELECT OBJECT_CONSTRUCT_KEEP_NULL('a', NULL), ARRAY_GENERATE_RANGE(1, 5), ARRAYS_ZIP([1], [2]), ARRAY_EXCEPT([1,2],[2])
-- ;;
SELECT t.id FROM t WHERE t.ts::DATE = CURRENT_DATE - 1 AND t.region <> 'EU' AND t.x != 3
-- ;;
SELECT parse_url('https://x.y/z?a=b'), PARSE_IP('1.2.3.4/24', 'INET')
-- ;;
SELECT HLL_ACCUMULATE(a), HLL_EXPORT(HLL_ACCUMULATE(a)), BITMAP_BUCKET_NUMBER(1), BITMAP_COUNT(b) FROM t
-- ;;
SELECT LAST_QUERY_ID()
-- ;;
SELECT {*} FROM t
-- ;;
SELECT {'a': v:x, 'b': 1}::OBJECT FROM t
-- ;;
SELECT CAST({'a': 1} AS OBJECT(a INT)), [1,2]::ARRAY(INT), {'k': 1}::MAP(VARCHAR, INT)
-- ;;
SELECT SEARCH((a, b), 'king'), SEARCH_IP(ip, '10.0.0.1') FROM t
-- ;;
SELECT GROUPING(a) FROM t GROUP BY a
-- ;;
SELECT id FROM t WHERE x = (SELECT MAX(x) FROM t) FOR_COL
-- ;;
SELECT ZIPF(1, 10, RANDOM()), NORMAL(0, 1, RANDOM()), RANDOM(42) FROM TABLE(GENERATOR(ROWCOUNT => 3)) v
-- ;;
SELECT * FROM t1 AS a, t2 AS b WHERE a.id = b.id(+)
-- ;;
SELECT $1:name::STRING FROM raw_events
