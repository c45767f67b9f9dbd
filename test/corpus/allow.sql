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
SELECT ZIPF(1, 10, RANDOM()), NORMAL(0, 1, RANDOM()), RANDOM(42) FROM TABLE(GENERATOR(ROWCOUNT => 3)) v
-- ;;
SELECT * FROM t1 AS a, t2 AS b WHERE a.id = b.id(+)
-- ;;
SELECT $1:name::STRING FROM raw_events
-- ;;
SELECT c_mktsegment, COUNT(*) AS customers, ROUND(AVG(c_acctbal), 2) AS avg_balance FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.CUSTOMER GROUP BY c_mktsegment ORDER BY customers DESC
-- ;;
SELECT n.n_name AS nation, SUM(l.l_extendedprice * (1 - l.l_discount)) AS revenue FROM customer c, orders o, lineitem l, supplier s, nation n, region r WHERE c.c_custkey = o.o_custkey AND l.l_orderkey = o.o_orderkey AND l.l_suppkey = s.s_suppkey AND c.c_nationkey = s.s_nationkey AND s.s_nationkey = n.n_nationkey AND n.n_regionkey = r.r_regionkey AND r.r_name = 'ASIA' AND o.o_orderdate >= DATE '1994-01-01' AND o.o_orderdate < DATEADD(year, 1, DATE '1994-01-01') GROUP BY n.n_name ORDER BY revenue DESC
-- ;;
SELECT 100.00 * SUM(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END) / SUM(l_extendedprice * (1 - l_discount)) AS promo_revenue FROM lineitem, part WHERE l_partkey = p_partkey AND l_shipdate >= '1995-09-01'
-- ;;
SELECT s_acctbal, s_name FROM part, supplier, partsupp WHERE ps_supplycost = (SELECT MIN(ps_supplycost) FROM partsupp WHERE p_partkey = ps_partkey) ORDER BY s_acctbal DESC LIMIT 100
-- ;;
SELECT supp_nation, cust_nation, l_year, SUM(volume) AS revenue FROM (SELECT n1.n_name AS supp_nation, n2.n_name AS cust_nation, EXTRACT(YEAR FROM l_shipdate) AS l_year, l_extendedprice * (1 - l_discount) AS volume FROM supplier, lineitem, nation n1, nation n2) AS shipping GROUP BY supp_nation, cust_nation, l_year
-- ;;
SELECT c_count, COUNT(*) AS custdist FROM (SELECT c_custkey, COUNT(o_orderkey) FROM customer LEFT OUTER JOIN orders ON c_custkey = o_custkey AND o_comment NOT LIKE '%special%requests%' GROUP BY c_custkey) AS c_orders (c_custkey, c_count) GROUP BY c_count ORDER BY custdist DESC
-- ;;
SELECT cntrycode, COUNT(*) FROM (SELECT SUBSTRING(c_phone FROM 1 FOR 2) AS cntrycode, c_acctbal FROM customer) AS custsale GROUP BY cntrycode
-- ;;
select
    date_trunc('week', created_at)::date as week,
    count(distinct user_id) as wau,
    count(distinct iff(plan = 'pro', user_id, null)) as pro_wau
from analytics.public.events -- the fact table
where created_at >= dateadd(week, -12, date_trunc('week', current_date()))
  and event_name in ('login', 'view', 'purchase') /* core events */
group by 1
order by 1;
-- ;;
SELECT user_id, ARRAY_AGG(OBJECT_CONSTRUCT('ts', ts, 'event', event_name)) WITHIN GROUP (ORDER BY ts) AS path FROM events GROUP BY user_id
-- ;;
SELECT a.*, b.total FROM a LEFT JOIN (SELECT id, SUM(x) AS total FROM b GROUP BY id) b ON a.id = b.id WHERE COALESCE(b.total, 0) > 0
-- ;;
SELECT DATE_TRUNC('hour', ts) AS h, APPROX_PERCENTILE(latency_ms, 0.99) AS p99 FROM logs WHERE status >= 500 GROUP BY 1 HAVING p99 > 1000
-- ;;
SELECT query_id, query_text, total_elapsed_time / 1000 AS seconds FROM snowflake.account_usage.query_history WHERE start_time > DATEADD('hour', -24, CURRENT_TIMESTAMP()) ORDER BY total_elapsed_time DESC LIMIT 20
-- ;;
SELECT table_name, column_name, data_type, is_nullable, comment FROM information_schema.columns WHERE table_schema = 'PUBLIC' AND column_name ILIKE '%email%'
-- ;;
SELECT usage_date, SUM(credits_used) FROM snowflake.organization_usage.metering_daily_history GROUP BY usage_date ORDER BY usage_date
-- ;;
SELECT * FROM TABLE(information_schema.query_history_by_session(session_id => 1))
-- ;;
SELECT * FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(SCHEDULED_TIME_RANGE_START => DATEADD('hour', -1, CURRENT_TIMESTAMP()), RESULT_LIMIT => 10, TASK_NAME => 'T'))
-- ;;
SELECT * FROM TABLE(INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 'T', START_TIME => DATEADD(hours, -1, CURRENT_TIMESTAMP())))
-- ;;
SELECT GET_DDL('TABLE', 'DB.PUBLIC.T', TRUE)
-- ;;
SELECT LEFT(name, 1) AS initial, RIGHT(name, 1), COUNT(*) FROM t GROUP BY LEFT(name, 1), RIGHT(name, 1)
-- ;;
SELECT id, FLOOR(age / 10) * 10 AS bucket FROM people
-- ;;
SELECT TO_CHAR(SUM(amount), '999,999.00') FROM t
-- ;;
SELECT current_date - interval '1 month', current_timestamp::date, dateadd('month', 1, current_date)
-- ;;
SELECT '2024-01-01'::date + 7, to_date('01/02/2024', 'DD/MM/YYYY'), '12:00'::time
-- ;;
SELECT t.data:"user"."id"::int, t.data['user']['emails'][0]::string FROM t
-- ;;
SELECT f.value:name::string AS name, COUNT(*) FROM orders o, LATERAL FLATTEN(input => o.data:items, outer => true) f GROUP BY 1
-- ;;
SELECT f.path, f.key, f.seq, f.this FROM t, LATERAL FLATTEN(input => t.v, path => 'a.b', recursive => true, mode => 'BOTH') AS f
-- ;;
SELECT f1.value AS a, f2.value AS b FROM t, LATERAL FLATTEN(t.v:a) f1, LATERAL FLATTEN(f1.value:b) f2
-- ;;
SELECT t.id, f.value::string FROM t CROSS JOIN LATERAL FLATTEN(input => SPLIT(t.csv, ',')) f
-- ;;
SELECT t.id, f.value FROM t LEFT JOIN LATERAL FLATTEN(input => t.a) f ON TRUE
-- ;;
SELECT t.id, f.value FROM t INNER JOIN TABLE(FLATTEN(input => t.a)) f
-- ;;
SELECT ANY_VALUE(a), MAX(b) KEEP_ME FROM t
-- ;;
SELECT COUNT(*) OVER (), SUM(a) OVER (ORDER BY b), SUM(a) OVER (PARTITION BY c) FROM t
-- ;;
SELECT SUM(a) OVER (PARTITION BY b ORDER BY c ROWS UNBOUNDED PRECEDING) FROM t
-- ;;
SELECT SUM(a) OVER (PARTITION BY b ORDER BY c RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM t
-- ;;
SELECT SUM(a) OVER (ORDER BY c ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t
-- ;;
SELECT FIRST_VALUE(a) RESPECT NULLS OVER (PARTITION BY b ORDER BY c) FROM t
-- ;;
SELECT FIRST_VALUE(a IGNORE NULLS) OVER (PARTITION BY b ORDER BY c) FROM t
-- ;;
SELECT LISTAGG(a, '|') WITHIN GROUP (ORDER BY a DESC) OVER (PARTITION BY b) FROM t
-- ;;
SELECT a, b FROM t ORDER BY ALL
-- ;;
SELECT a FROM t ORDER BY a COLLATE 'en-ci' DESC NULLS LAST
-- ;;
SELECT * FROM t FETCH NEXT 5 ROWS ONLY
-- ;;
SELECT * FROM t OFFSET 10 ROWS FETCH NEXT 5 ROWS ONLY
-- ;;
SELECT * FROM t ORDER BY 1 FETCH 5
-- ;;
SELECT DISTINCT a, b FROM t QUALIFY COUNT(*) OVER (PARTITION BY a) > 1
-- ;;
SELECT a.$1, a.$2 FROM (VALUES (1, 2)) a
-- ;;
SELECT * FROM (VALUES (1, 'x'), (2, 'y')) t (id, name) JOIN u USING (id)
-- ;;
SELECT * EXCLUDE (a, b) RENAME (c AS d) FROM t
-- ;;
SELECT t.* EXCLUDE a, u.* ILIKE 'x%' FROM t, u
-- ;;
SELECT * EXCLUDE a REPLACE (b + 1 AS b) FROM t
-- ;;
SELECT t.* RENAME a AS b FROM t
-- ;;
SELECT OBJECT_CONSTRUCT(t.*) FROM t
-- ;;
SELECT COUNT(t.*) FROM t
-- ;;
SELECT COUNT(DISTINCT a, b) FROM t
-- ;;
SELECT HASH_AGG(*) FROM t
-- ;;
SELECT HASH(t.*) FROM t
-- ;;
SELECT MAX(a)::INT + 1, -a, +b, NOT c, ~d FROM t
-- ;;
SELECT a % 3, a / 2, a * b - c FROM t
-- ;;
SELECT a = b, a == b FROM t
-- ;;
SELECT a LIKE '%x%' AS has_x, a NOT ILIKE 'y%' FROM t
-- ;;
SELECT * FROM t WHERE a NOT IN (1, 2) AND b NOT RLIKE 'x'
-- ;;
SELECT * FROM t WHERE a LIKE ANY ('x%', 'y%') ESCAPE '!'
-- ;;
SELECT * FROM t WHERE NOT EXISTS (SELECT * FROM u WHERE u.id = t.id)
-- ;;
SELECT * FROM t WHERE a IN (SELECT value::STRING FROM TABLE(FLATTEN(INPUT => PARSE_JSON('["a"]'))))
-- ;;
SELECT * FROM t TABLESAMPLE SYSTEM (1.5) REPEATABLE (7)
-- ;;
SELECT * FROM t SAMPLE ROW (5)
-- ;;
SELECT * FROM t SAMPLE BLOCK (5)
-- ;;
SELECT * FROM t1 SAMPLE (25) JOIN t2 SAMPLE (50) ON t1.a = t2.a
-- ;;
SELECT * FROM (SELECT * FROM t1 JOIN t2 USING (a)) SAMPLE (1)
-- ;;
SELECT * FROM t AT (TIMESTAMP => TO_TIMESTAMP('2024-01-01 00:00:00')) AS x JOIN t AS y ON x.id = y.id
-- ;;
SELECT * FROM t BEFORE (OFFSET => -3600) MINUS SELECT * FROM t
-- ;;
SELECT * FROM s PIVOT (MAX(v) FOR k IN ('a' AS a, 'b' AS b)) AS p ORDER BY id
-- ;;
SELECT * FROM s PIVOT (MAX(v) FOR k IN (ANY))
-- ;;
SELECT * FROM s PIVOT (SUM(v) FOR k IN ('a', 'b') DEFAULT ON NULL (0))
-- ;;
SELECT * FROM (SELECT a, b, c FROM s) PIVOT (AVG(c) FOR b IN ('x', 'y')) p
-- ;;
SELECT * FROM m UNPIVOT (v FOR k IN (a AS 'A', b AS 'B'))
-- ;;
SELECT id, k, v FROM m UNPIVOT EXCLUDE NULLS (v FOR k IN (a, b))
-- ;;
SELECT * FROM stock MATCH_RECOGNIZE (PARTITION BY s ORDER BY d MEASURES CLASSIFIER() AS c, MATCH_SEQUENCE_NUMBER() AS n ALL ROWS PER MATCH OMIT EMPTY MATCHES PATTERN (a+ b*) DEFINE b AS price > PREV(price))
-- ;;
SELECT * FROM a NATURAL LEFT JOIN b
-- ;;
SELECT * FROM a LEFT ANTI JOIN b ON a.id = b.id
-- ;;
SELECT * FROM a JOIN b ON a.id = b.id LEFT JOIN c ON b.id = c.id AND c.x BETWEEN a.y AND a.z
-- ;;
SELECT * FROM (a JOIN b ON a.id = b.id) JOIN c USING (id)
-- ;;
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t
-- ;;
WITH a AS (SELECT 1 AS x), b AS (SELECT 2 AS x) SELECT x FROM a UNION ALL SELECT x FROM b ORDER BY x LIMIT 1
-- ;;
WITH a (x, y) AS (SELECT 1, 2) SELECT * FROM a
-- ;;
SELECT * FROM (WITH a AS (SELECT 1 AS x) SELECT * FROM a) t
-- ;;
(SELECT a FROM t LIMIT 1) UNION ALL (SELECT a FROM u LIMIT 1)
-- ;;
((SELECT 1 UNION SELECT 2) EXCEPT SELECT 1)
-- ;;
SELECT a FROM t UNION BY NAME SELECT a FROM u
-- ;;
SELECT SYS_CONNECT_BY_PATH(a, '/'), CONNECT_BY_ROOT a AS root FROM t START WITH p IS NULL CONNECT BY PRIOR a = p AND LEVEL < 5
-- ;;
SELECT CAST(v:x AS DECIMAL(18, 4)), TRY_CAST(v:y::VARCHAR AS DATE), v:z::NUMBER(38,0), v:t::TIMESTAMP_NTZ(3) FROM t
-- ;;
SELECT TO_NUMBER(v:x, 38, 2), TRY_TO_DECIMAL(v:y::STRING, 10, 2) FROM t
-- ;;
SELECT ARRAY_CONTAINS(1::VARIANT, [1, 2]), [1, 2][0], {'a': {'b': 1}}:a.b::INT, ARRAY_CONSTRUCT()
-- ;;
SELECT a:b:c::STRING = 'x', a:b.c[0]['d'] IS NULL FROM t
-- ;;
SELECT REDUCE([1, 2, 3], 0, (acc INT, v INT) -> acc + v), FILTER(arr, x -> x:score::INT > 5), TRANSFORM(arr, i -> OBJECT_INSERT(i, 'k', 1)) FROM t
-- ;;
SELECT 'a' 'b'
-- ;;
SELECT $$it's "fine"; -- really$$ AS t
-- ;;
SELECT 'C:\\path\\', 'tab\there', 'unicode \u26c4', '100%', 'a--b', 'a//b', '/* no */'
-- ;;
SELECT "a--b", "c//d", "/* e */", "f;g", "h->>i" FROM "select"
-- ;;
SELECT a --b, c
 , d FROM t
-- ;;
SELECT /* multi
line */ a FROM t -- the end
-- ;;
SELECT a FROM t WHERE b = 'O''Brien' AND c = '\'quoted\'' AND d = '"'
-- ;;
SELECT id AS "order", name AS "table", x AS "drop" FROM t
-- ;;
SELECT update, delete_flag, comment, start, call, load, replace, refresh FROM changes WHERE (comment IS NULL) AND (start >= '2024-01-01') AND MAX_VAL > (load)
-- ;;
SELECT MAX(start), MIN(comment), COUNT(call), SUM(load) FROM changes GROUP BY (comment), (start)
-- ;;
SELECT REPLACE(INSERT(a, 1, 0, 'x'), 'y', 'z'), TRUNCATE(1.55, 1), GET(v, 'k'), LEFT('abc', 1) FROM t
-- ;;
SHOW DATABASES LIKE 'A%' STARTS WITH 'A' LIMIT 5
-- ;;
SHOW SCHEMAS IN ACCOUNT
-- ;;
SHOW OBJECTS IN SCHEMA a.b
-- ;;
SHOW DYNAMIC TABLES
-- ;;
SHOW EXTERNAL TABLES IN DATABASE d
-- ;;
SHOW MATERIALIZED VIEWS
-- ;;
SHOW ICEBERG TABLES IN SCHEMA s
-- ;;
SHOW STREAMS
-- ;;
SHOW TASKS IN DATABASE "d b"
-- ;;
SHOW STAGES
-- ;;
SHOW FILE FORMATS
-- ;;
SHOW SEQUENCES
-- ;;
SHOW PIPES
-- ;;
SHOW PROCEDURES LIKE 'P%' IN SCHEMA s
-- ;;
SHOW FUNCTIONS
-- ;;
SHOW USER FUNCTIONS IN DATABASE d
-- ;;
SHOW GRANTS OF ROLE r
-- ;;
SHOW GRANTS TO USER u
-- ;;
SHOW GRANTS ON DATABASE d
-- ;;
SHOW GRANTS ON ACCOUNT
-- ;;
SHOW FUTURE GRANTS IN SCHEMA d.s
-- ;;
SHOW GRANTS ON FUNCTION d.s.f(NUMBER, VARCHAR)
-- ;;
SHOW GRANTS
-- ;;
SHOW GRANTS TO SHARE s
-- ;;
SHOW USERS LIKE 'A%'
-- ;;
SHOW PARAMETERS
-- ;;
SHOW PARAMETERS IN WAREHOUSE w
-- ;;
SHOW PARAMETERS LIKE 'QUERY%' IN ACCOUNT
-- ;;
SHOW PARAMETERS FOR SESSION
-- ;;
SHOW VARIABLES
-- ;;
SHOW TRANSACTIONS
-- ;;
SHOW LOCKS IN ACCOUNT
-- ;;
SHOW UNIQUE KEYS IN TABLE d.s.t
-- ;;
SHOW EXPORTED KEYS IN TABLE t
-- ;;
SHOW COLUMNS LIKE 'ID%' IN VIEW v
-- ;;
SHOW COLUMNS IN t
-- ;;
SHOW RESOURCE MONITORS
-- ;;
SHOW MASKING POLICIES
-- ;;
SHOW ROW ACCESS POLICIES IN SCHEMA s
-- ;;
SHOW TAGS
-- ;;
SHOW SHARES
-- ;;
SHOW INTEGRATIONS
-- ;;
SHOW ORGANIZATION ACCOUNTS
-- ;;
SHOW REPLICATION DATABASES
-- ;;
SHOW REGIONS
-- ;;
SHOW SEMANTIC DIMENSIONS IN v
-- ;;
SHOW SEMANTIC METRICS IN VIEW d.s.v
-- ;;
SHOW CORTEX SEARCH SERVICES
-- ;;
SHOW COMPUTE POOLS
-- ;;
SHOW TABLES IN SCHEMA db."My Schema" LIMIT 10
-- ;;
SHOW TERSE VIEWS LIKE 'V%' IN DATABASE d STARTS WITH 'V' LIMIT 5 FROM 'VA'
-- ;;
SHOW VERSIONS IN MODEL m
-- ;;
DESC DATABASE d
-- ;;
DESCRIBE SCHEMA d.s
-- ;;
DESCRIBE WAREHOUSE w
-- ;;
DESCRIBE VIEW d."s".v
-- ;;
DESCRIBE PROCEDURE p()
-- ;;
DESC PROCEDURE d.s.p(VARCHAR)
-- ;;
DESC STAGE s
-- ;;
DESC FILE FORMAT f
-- ;;
DESC DYNAMIC TABLE t
-- ;;
DESC EXTERNAL TABLE t TYPE = COLUMNS
-- ;;
DESC MASKING POLICY p
-- ;;
DESC SEMANTIC VIEW v
-- ;;
DESC STREAM s
-- ;;
DESC TASK t
-- ;;
DESC TABLE db..t
-- ;;
DESCRIBE MATERIALIZED VIEW v;
-- ;;
DESCRIBE INTEGRATION i
-- ;;
EXPLAIN USING TEXT SELECT a FROM t JOIN u USING (id);
-- ;;
EXPLAIN (SELECT 1)
-- ;;
EXPLAIN VALUES (1)
-- ;;
SHOW SCHEMAS ->> SELECT "name" AS n FROM $1 WHERE "name" ILIKE 'P%' ORDER BY 1
-- ;;
SELECT * FROM t LIMIT 100 ->> SELECT COUNT(*), MAX(a) FROM $1
-- ;;
SHOW TABLES ->> SELECT a."name", COUNT(*) OVER () FROM $1 AS a ->> SELECT * FROM $1 LIMIT 3
-- ;;
SELECT SYSTEM$CLUSTERING_INFORMATION('t', '(a)'), SYSTEM$STREAM_HAS_DATA('s')
-- ;;
SELECT "Straße", "größe", 'naïve' FROM "Kunden"
-- ;;
SELECT '日本語' AS "言語"
-- ;;
SELECT NTH_VALUE(a, 2) OVER (PARTITION BY b ORDER BY c) FROM t
-- ;;
SELECT p.category, s.store_name, SUM(f.qty) units FROM fact_sales f LEFT JOIN dim_product p ON f.product_key = p.product_key LEFT OUTER JOIN dim_store s ON s.store_key = f.store_key WHERE f.sale_date BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY GROUPING SETS ((p.category), (s.store_name), ()) ORDER BY units DESC NULLS LAST LIMIT 50
-- ;;
select a.id, b.name from a right outer join b using (id) full join c using (id)
-- ;;
SELECT CURRENT_TIMESTAMP(0), LOCALTIMESTAMP, CEIL(1.234, 2), FLOOR(a, 1), POSITION('a', b, 2), OVERLAY_COL FROM t
-- ;;
SELECT a::CHAR(3), b::TEXT, c::STRING(20), d::INTEGER, e::BIGINT, f::SMALLINT, g::TINYINT, h::NUMERIC(5), i::REAL, j::FLOAT8, k::DATETIME, l::TIMESTAMPNTZ, m::BINARY(8), n::VARBINARY, o::NVARCHAR(4), p::DATE, q::TIME(3) FROM t
-- ;;
SELECT COUNT(*) FROM t WHERE a IS TRUE OR b IS NOT FALSE OR c IS NOT TRUE
-- ;;
SELECT TRIM(BOTH ' ' FROM a), TRIM('x', 'y'), SUBSTRING(a, 1, 3), EXTRACT(DAYOFWEEK FROM d), DATE_PART('epoch', ts) FROM t
-- ;;
SELECT * FROM t WHERE ts > CURRENT_TIMESTAMP - INTERVAL '1 hour' AND d < '2024-01-01'::DATE + INTERVAL '1 year'
-- ;;
SELECT * FROM t WHERE d >= DATE_TRUNC('MONTH', CURRENT_DATE) AND d < LAST_DAY(CURRENT_DATE, 'month')
-- ;;
SELECT ROW_NUMBER() OVER (ORDER BY NULL) AS rn, * FROM t
-- ;;
SELECT t.*, 1 AS one, u.a FROM t, u
-- ;;
SELECT IFF(a IS NULL, 'n', 'y')::VARCHAR AS x, CASE WHEN a THEN NULL ELSE 0 END FROM t GROUP BY x HAVING SUM(b) BETWEEN 1 AND 2
-- ;;
SELECT * FROM a AS x (c1, c2), b y WHERE x.c1 = y.c1
-- ;;
SELECT a, COUNT(*) c FROM t GROUP BY a HAVING c > 1 QUALIFY RANK() OVER (ORDER BY c) < 5 ORDER BY c LIMIT 5
-- ;;
SELECT a FROM t WHERE b = ANY (ARRAY_CONSTRUCT(1,2))
-- ;;
SELECT DISTINCT t.v:country::STRING country FROM t ORDER BY country
-- ;;
SELECT SUM(IFF(v:ok::BOOLEAN, 1, 0)) / COUNT(*)::FLOAT FROM t
-- ;;
SELECT MAX(IFF(k = 'a', v, NULL)) AS a, MAX(CASE k WHEN 'b' THEN v END) AS b FROM kv GROUP BY id
-- ;;
SELECT OBJECT_AGG(k, v) OVER (PARTITION BY id) FROM kv
-- ;;
SELECT BOOLAND_AGG(a > 1) AND COUNT_IF(b) > 0 FROM t
-- ;;
SELECT WIDTH_BUCKET(a, 0, 100, 10) AS bucket, COUNT(*) FROM t GROUP BY 1 ORDER BY 1
-- ;;
SELECT a.id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.id = a.id AND b.ts > a.ts) OR a.id IN (SELECT id FROM c UNION SELECT id FROM d)
-- ;;
WITH RECURSIVE org AS (SELECT id, name, manager_id, 1 AS depth, name::VARCHAR AS path FROM emp WHERE manager_id IS NULL UNION ALL SELECT e.id, e.name, e.manager_id, o.depth + 1, o.path || ' > ' || e.name FROM emp e JOIN org o ON e.manager_id = o.id) SELECT * FROM org ORDER BY path
-- ;;
WITH s AS (SELECT user_id, ts, CONDITIONAL_TRUE_EVENT(DATEDIFF(minute, LAG(ts) OVER (PARTITION BY user_id ORDER BY ts), ts) > 30) OVER (PARTITION BY user_id ORDER BY ts) AS sid FROM events) SELECT user_id, sid, MIN(ts), MAX(ts), COUNT(*) FROM s GROUP BY 1, 2
-- ;;
SELECT DATE_TRUNC('quarter', d) q, SUM(x) s, SUM(s) OVER (ORDER BY q) FROM t GROUP BY q
-- ;;
SELECT name, LAG(total, 12) OVER (ORDER BY month) AS last_year, DIV0(total - last_year, last_year) AS yoy FROM m
-- ;;
SELECT PERCENTILE_DISC(0.9) WITHIN GROUP (ORDER BY x DESC) OVER (PARTITION BY g) FROM t
-- ;;
SELECT * FROM trades t ASOF JOIN quotes q MATCH_CONDITION(t.ts > q.ts) ON t.sym = q.sym AND t.ex = q.ex WHERE t.d = '2024-01-01'
-- ;;
SELECT a FROM db.sch.t1 MINUS (SELECT a FROM db.sch.t2) ORDER BY a LIMIT 5
-- ;;
SELECT TO_TIMESTAMP_NTZ(v:ts::NUMBER, 3), CONVERT_TIMEZONE('America/New_York', v:t::TIMESTAMP_TZ) FROM t
-- ;;
SELECT REGEXP_SUBSTR(email, '@(.+)$', 1, 1, 'e', 1) AS domain, COUNT(*) FROM users GROUP BY 1 ORDER BY 2 DESC
-- ;;
SELECT seq4(), uniform(1, 100, random(12)), randstr(10, random()) FROM TABLE(GENERATOR(ROWCOUNT => 100, TIMELIMIT => 5)) v ORDER BY 1
-- ;;
SELECT TOP 5 * FROM t ORDER BY a DESC
-- ;;
SELECT "A"."B", "A".b, a."B" FROM "DB"."S"."A" AS "A"
-- ;;
SELECT * FROM t WHERE (a, b) NOT IN (SELECT c, d FROM u) AND NOT (e OR f)
-- ;;
SELECT $1, $2, METADATA$ACTION, METADATA$ISUPDATE FROM my_stream
-- ;;
select count_if(x > 0), sum(x) filter_col, min(x), max(x) from t where y is not null and z in ('a','b') or w like any ('%a','b%')
-- ;;
SELECT ARRAY_SIZE(v:items) n, v:items[n-1]:sku::STRING FROM t
-- ;;
SELECT v:"a.b"::STRING, v['a.b'], v:a."b c".d FROM t
-- ;;
SELECT LISTAGG(DISTINCT a, ',') FROM t
-- ;;
SELECT a FROM t ORDER BY CASE WHEN a = 'x' THEN 0 ELSE 1 END, a
-- ;;
SELECT NTH_VALUE(price, 2) FROM FIRST OVER (PARTITION BY sku ORDER BY ts) FROM ticks
-- ;;
SELECT NTH_VALUE(price, 2) FROM LAST IGNORE NULLS OVER (PARTITION BY sku ORDER BY ts) AS p FROM ticks
-- ;;
SELECT sku, NTH_VALUE(price, 3) IGNORE NULLS OVER (PARTITION BY sku ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM ticks
-- ;;
SELECT * FROM stock MATCH_RECOGNIZE (PARTITION BY company ORDER BY price_date MEASURES FINAL LAST(price_date) AS end_date, RUNNING COUNT(*) AS n, MATCH_NUMBER() AS m ALL ROWS PER MATCH PATTERN (start_row down+ up+) DEFINE down AS price < LAG(price), up AS price > LAG(price))
-- ;;
SELECT company, COUNT(*) FROM stock MATCH_RECOGNIZE (PARTITION BY company ORDER BY price_date MEASURES FIRST(price) AS f, CLASSIFIER() AS c ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (a b* c{2,4}) DEFINE b AS b.price > PREV(b.price), c AS c.price < PREV(c.price)) GROUP BY company
-- ;;
SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts MEASURES FINAL FIRST(a.ts) AS s, FINAL LAST(a.ts) AS e ONE ROW PER MATCH AFTER MATCH SKIP TO NEXT ROW PATTERN (a{3,}) DEFINE a AS v > 10)
-- ;;
SELECT größe, straße FROM adressen WHERE größe > 10
-- ;;
SELECT naïve_bayes FROM café.public.résumé
-- ;;
SELECT 価格 FROM 注文 WHERE 数量 > 3
-- ;;
SELECT k.имя, COUNT(*) AS всего FROM клиенты k GROUP BY k.имя ORDER BY всего DESC
-- ;;
SELECT CONVERT_TIMEZONE('UTC', 'Europe/Berlin', ts::TIMESTAMP_NTZ) AS berlin FROM events
-- ;;
SELECT CONVERT_TIMEZONE('America/Los_Angeles', CURRENT_TIMESTAMP())
-- ;;
SELECT d.region, SUM(f.amount) AS total FROM sales.public.fact_orders f JOIN sales.public.dim_region d USING (region_id) WHERE f.order_date >= DATEADD('month', -3, CURRENT_DATE) GROUP BY ALL HAVING total > 1000 ORDER BY total DESC LIMIT 20
-- ;;
SELECT * FROM orders QUALIFY ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY created_at DESC) = 1
-- ;;
SELECT customer_id, amount, SUM(amount) OVER (PARTITION BY customer_id ORDER BY created_at RANGE BETWEEN INTERVAL '7 days' PRECEDING AND CURRENT ROW) AS rolling FROM orders
-- ;;
SELECT f.value:name::STRING AS name, f.index FROM events e, LATERAL FLATTEN(INPUT => e.payload:items, OUTER => TRUE) f
-- ;;
SELECT f.path, f.key, TYPEOF(f.value) FROM src, LATERAL FLATTEN(src.v, RECURSIVE => TRUE, MODE => 'BOTH') AS f WHERE f.seq = 1
-- ;;
SELECT payload:user.address[0].city::VARCHAR AS city, payload['device']['os'] FROM raw_events WHERE payload:type = 'click'
-- ;;
SELECT v:"Strange Key"."Another"::NUMBER(10,2) FROM t
-- ;;
SELECT * FROM quarterly PIVOT (SUM(amount) FOR quarter IN (ANY ORDER BY quarter)) ORDER BY empid
-- ;;
SELECT * FROM quarterly PIVOT (SUM(amount) FOR quarter IN ('2023_Q1', '2023_Q2') DEFAULT ON NULL (0)) AS p (empid, q1, q2)
-- ;;
SELECT * FROM quarterly PIVOT (SUM(amount) FOR quarter IN (SELECT DISTINCT quarter FROM cal WHERE year = 2024))
-- ;;
SELECT * FROM monthly UNPIVOT INCLUDE NULLS (sales FOR month IN (jan AS 'January', feb, mar)) ORDER BY dept
-- ;;
SELECT * FROM orders AT (TIMESTAMP => '2024-06-01 00:00:00'::TIMESTAMP_LTZ)
-- ;;
SELECT COUNT(*) FROM orders AT (OFFSET => -60*5) o
-- ;;
SELECT * FROM orders BEFORE (STATEMENT => '8e5d0ca9-005e-44e6-b858-a8f5b37c5726')
-- ;;
SELECT * FROM t CHANGES (INFORMATION => APPEND_ONLY) AT (TIMESTAMP => DATEADD(day, -1, CURRENT_TIMESTAMP()))
-- ;;
SELECT * FROM orders SAMPLE ROW (1000 ROWS)
-- ;;
SELECT * EXCLUDE (ssn, dob) RENAME (cust_id AS customer_id) FROM customers
-- ;;
SELECT * ILIKE '%id%' FROM customers
-- ;;
SELECT t.* EXCLUDE created_at, o.* FROM t JOIN o ON t.id = o.id
-- ;;
SELECT region, GROUPING(region), SUM(x) FROM s GROUP BY ROLLUP (region, city)
-- ;;
SELECT a, b, GROUPING_ID(a, b), COUNT(*) FROM t GROUP BY GROUPING SETS ((a, b), (a), ())
-- ;;
SELECT a, b, COUNT(*) FROM t GROUP BY CUBE (a, b)
-- ;;
WITH RECURSIVE mgr (id, boss, lvl) AS (SELECT id, boss, 1 FROM emp WHERE boss IS NULL UNION ALL SELECT e.id, e.boss, m.lvl + 1 FROM emp e JOIN mgr m ON e.boss = m.id) SELECT * FROM mgr ORDER BY lvl
-- ;;
SELECT SYS_CONNECT_BY_PATH(title, ' -> '), employee_id, LEVEL FROM employees START WITH title = 'President' CONNECT BY manager_id = PRIOR employee_id ORDER BY employee_id
-- ;;
SELECT LISTAGG(DISTINCT name, ', ') WITHIN GROUP (ORDER BY name) FROM customers
-- ;;
SELECT PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY latency) AS p95, PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY latency) FROM requests
-- ;;
SELECT ARRAY_AGG(OBJECT_CONSTRUCT('id', id, 'n', name)) WITHIN GROUP (ORDER BY id) FROM t
-- ;;
SELECT OBJECT_CONSTRUCT(*) FROM t LIMIT 5
-- ;;
SELECT OBJECT_CONSTRUCT_KEEP_NULL('a', a, 'b', NULL) FROM t
-- ;;
SELECT {'a': 1, 'b': [1, 2, 3]} AS o
-- ;;
SELECT {* EXCLUDE secret} FROM t
-- ;;
SELECT [1, 2, 3][0], ARRAY_CONSTRUCT(1, 2)[1]
-- ;;
SELECT FILTER(arr, x -> x > 10), TRANSFORM(arr, x INT -> x * 2), REDUCE(arr, 0, (acc, x) -> acc + x) FROM t
-- ;;
SELECT IFF(a > b, a, b), NVL(a, 0), NVL2(a, 1, 2), ZEROIFNULL(c), NULLIF(d, 0), COALESCE(e, f, 'x') FROM t
-- ;;
SELECT DECODE(status, 'A', 'active', 'I', 'inactive', 'other') FROM t
-- ;;
SELECT TRY_TO_NUMBER(x, 10, 2), TRY_CAST(y AS DATE), TRY_TO_TIMESTAMP(z, 'YYYY-MM-DD') FROM t
-- ;;
SELECT DATE_TRUNC('week', ts) AS w, COUNT(DISTINCT user_id) AS wau, APPROX_COUNT_DISTINCT(user_id) FROM events GROUP BY 1 ORDER BY 1
-- ;;
SELECT DATEDIFF('minute', start_ts, end_ts), TIMESTAMPDIFF(hour, a, b), DATEADD(quarter, 1, d), LAST_DAY(d, 'month'), NEXT_DAY(d, 'fr'), MONTHS_BETWEEN(a, b) FROM t
-- ;;
SELECT EXTRACT(epoch_second FROM ts), DATE_PART(dayofweekiso, ts), YEAROFWEEKISO(ts), WEEKISO(ts) FROM t
-- ;;
SELECT TIME_SLICE(ts, 15, 'MINUTE', 'START') AS slot, AVG(v) FROM metrics GROUP BY slot
-- ;;
SELECT REGEXP_SUBSTR(s, '[0-9]+', 1, 1, 'e'), REGEXP_REPLACE(s, '\\s+', ' '), REGEXP_COUNT(s, 'a'), s RLIKE '.*x.*', s REGEXP '^a' FROM t
-- ;;
SELECT * FROM t WHERE name ILIKE ANY ('%smith%', '%jones%') AND city LIKE ALL ('%a%', '%b%') ESCAPE '^'
-- ;;
SELECT SPLIT_PART(email, '@', 2) AS domain, STRTOK(path, '/', 1), SPLIT(tags, ','), CONTAINS(s, 'x'), STARTSWITH(s, 'y'), ENDSWITH(s, 'z') FROM t
-- ;;
SELECT s.value, s.index FROM t, TABLE(SPLIT_TO_TABLE(t.tags, ',')) s
-- ;;
SELECT SEQ4() AS n, UNIFORM(1, 100, RANDOM(42)) FROM TABLE(GENERATOR(ROWCOUNT => 50))
-- ;;
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS v (id, name)
-- ;;
SELECT column1, column2 FROM (VALUES (1, 2), (3, 4))
-- ;;
SELECT $1, $2 FROM VALUES (1, 'x'), (2, 'y')
-- ;;
VALUES (1), (2), (3)
-- ;;
SELECT MAX_BY(name, salary), MIN_BY(name, salary, 3) FROM emp
-- ;;
SELECT ANY_VALUE(a), MODE(b), MEDIAN(c), STDDEV(d), VARIANCE(e), CORR(f, g), KURTOSIS(h), SKEW(i) FROM t
-- ;;
SELECT RATIO_TO_REPORT(amount) OVER (PARTITION BY region), PERCENT_RANK() OVER (ORDER BY amount), NTILE(4) OVER (ORDER BY amount), CUME_DIST() OVER (ORDER BY amount) FROM s
-- ;;
SELECT CONDITIONAL_TRUE_EVENT(a > 1) OVER (ORDER BY ts), CONDITIONAL_CHANGE_EVENT(b) OVER (PARTITION BY c ORDER BY ts) FROM t
-- ;;
SELECT WIDTH_BUCKET(price, 0, 100, 10) AS b, COUNT(*) FROM t GROUP BY b
-- ;;
SELECT APPROX_PERCENTILE(latency, 0.99), APPROX_TOP_K(url, 10), HLL(user_id) FROM hits
-- ;;
SELECT MD5(email), SHA2(email, 256), SHA1_HEX(x), HASH(a, b) FROM users
-- ;;
SELECT ST_DISTANCE(ST_MAKEPOINT(lon, lat), ST_POINT(-122.35, 37.55)) AS m, H3_LATLNG_TO_CELL(lat, lon, 8) FROM places WHERE ST_DWITHIN(geo, ST_MAKEPOINT(1, 2), 500)
-- ;;
SELECT ST_ASGEOJSON(geo), ST_AREA(TO_GEOGRAPHY(wkt)), ST_CENTROID(g) FROM shapes
-- ;;
SELECT PARSE_JSON('{"a": [1, 2]}'):a[1]::INT, TRY_PARSE_JSON(x), TO_JSON(v), GET_PATH(v, 'a.b[0]'), GET(v, 'k'), OBJECT_KEYS(v) FROM t
-- ;;
SELECT XMLGET(PARSE_XML(x), 'book'):"$"::STRING FROM docs
-- ;;
SELECT ARRAY_SIZE(a), ARRAY_CONTAINS('x'::VARIANT, a), ARRAY_INTERSECTION(a, b), ARRAY_DISTINCT(a), ARRAY_SLICE(a, 0, 2), ARRAYS_OVERLAP(a, b), ARRAY_TO_STRING(a, ',') FROM t
-- ;;
SELECT BITAND(a, b), BITSHIFTLEFT(a, 2), MOD(a, 7), a % 3, FLOOR(x), CEIL(x, 1), ROUND(x, 2), TRUNC(x), POWER(x, 2), SQRT(y), LN(z), SIGN(q) FROM t
-- ;;
SELECT a, b FROM t1 UNION SELECT a, b FROM t2 EXCEPT SELECT a, b FROM t3 ORDER BY a
-- ;;
(SELECT a FROM t1 ORDER BY a LIMIT 5) UNION ALL (SELECT a FROM t2 ORDER BY a DESC LIMIT 5)
-- ;;
SELECT * FROM a LEFT JOIN b ON a.id = b.id RIGHT OUTER JOIN c ON b.id = c.id FULL JOIN d USING (id) CROSS JOIN e
-- ;;
SELECT * FROM a NATURAL JOIN b
-- ;;
SELECT * FROM a, b WHERE a.id = b.id(+)
-- ;;
SELECT * FROM dept d, LATERAL (SELECT * FROM emp e WHERE e.dept_id = d.id) AS iv
-- ;;
SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id) AND t.x NOT IN (SELECT x FROM bad) AND y = ANY (SELECT y FROM z)
-- ;;
SELECT CASE WHEN x > 1 THEN 'big' WHEN x = 1 THEN 'one' ELSE NULL END AS sz, CASE y WHEN 1 THEN 'a' END FROM t
-- ;;
SELECT TOP 10 * FROM t ORDER BY amount DESC NULLS LAST
-- ;;
SELECT * FROM t ORDER BY a OFFSET 10 ROWS FETCH NEXT 5 ROWS ONLY
-- ;;
SELECT * FROM t ORDER BY ALL LIMIT 10 OFFSET 20
-- ;;
SELECT DISTINCT a, b FROM t
-- ;;
SELECT COUNT(*) FROM my_db.information_schema.tables WHERE table_type = 'VIEW'
-- ;;
SELECT table_name, column_name, data_type, comment FROM information_schema.columns WHERE table_schema ILIKE 'public' ORDER BY ordinal_position
-- ;;
SELECT query_text, total_elapsed_time FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(END_TIME_RANGE_START => DATEADD('hour', -1, CURRENT_TIMESTAMP()), RESULT_LIMIT => 100))
-- ;;
SELECT * FROM snowflake.account_usage.warehouse_metering_history WHERE start_time > DATEADD(day, -7, CURRENT_TIMESTAMP())
-- ;;
SELECT * FROM TABLE(my_db.INFORMATION_SCHEMA.TAG_REFERENCES('my_db.s.t', 'table'))
-- ;;
SELECT * FROM SEMANTIC_VIEW(sales_sv DIMENSIONS customer.region METRICS orders.total_revenue)
-- ;;
SELECT * FROM SEMANTIC_VIEW(db.s.tpch METRICS order_average DIMENSIONS nation_name WHERE nation_name = 'FRANCE') ORDER BY 1
-- ;;
SHOW TABLES LIKE '%ORDER%' IN SCHEMA sales.public LIMIT 10
-- ;;
SHOW TERSE DATABASES STARTS WITH 'A'
-- ;;
SHOW VIEWS IN ACCOUNT
-- ;;
SHOW COLUMNS IN TABLE sales.public.orders
-- ;;
SHOW GRANTS ON TABLE sales.public.orders
-- ;;
SHOW GRANTS OF ROLE analyst
-- ;;
SHOW FUTURE GRANTS IN SCHEMA sales.public
-- ;;
SHOW PRIMARY KEYS IN TABLE t
-- ;;
SHOW IMPORTED KEYS IN SCHEMA s
-- ;;
SHOW DYNAMIC TABLES IN DATABASE d
-- ;;
SHOW SEMANTIC VIEWS IN SCHEMA s
-- ;;
SHOW STREAMS HISTORY
-- ;;
SHOW TABLES IN DATABASE "My Db" ->> SELECT "name", "rows" FROM $1 WHERE "rows" > 0
-- ;;
SHOW WAREHOUSES ->> SELECT "name", "size" FROM $1 ->> SELECT COUNT(*) FROM $1
-- ;;
DESCRIBE TABLE sales.public.orders TYPE = COLUMNS
-- ;;
DESCRIBE SEMANTIC VIEW sv
-- ;;
DESC FUNCTION db.s.f(NUMBER, VARCHAR)
-- ;;
DESCRIBE WAREHOUSE compute_wh
-- ;;
DESCRIBE STAGE s
-- ;;
EXPLAIN SELECT * FROM t WHERE a = 1
-- ;;
EXPLAIN USING TABULAR WITH c AS (SELECT 1 AS a) SELECT * FROM c
-- ;;
EXPLAIN USING JSON SELECT a, COUNT(*) FROM t GROUP BY a
-- ;;
SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_DATABASE(), CURRENT_SCHEMA(), CURRENT_VERSION(), CURRENT_REGION()
-- ;;
SELECT CURRENT_DATE, CURRENT_TIMESTAMP, LOCALTIMESTAMP, SYSDATE(), GETDATE()
-- ;;
SELECT SYSTEM$TYPEOF(a), SYSTEM$CLUSTERING_INFORMATION('t', '(a, b)') FROM t
-- ;;
SELECT GET_DDL('TABLE', 'sales.public.orders', TRUE)
-- ;;
SELECT 'it''s -- not a comment /* nor this */ ; DROP TABLE x' AS s
-- ;;
SELECT $$a 'quoted' ; DROP TABLE t$$ AS s
-- ;;
SELECT a /* inline */ , b -- trailing
-- ;;
select "Mixed Case Col" from "My Schema"."My Table" where "select" = 1
-- ;;
SELECT update_date, delete_flag, "insert", create_ts, drop_reason FROM audit_log WHERE comment IS NOT NULL AND grant_type = 'x'
-- ;;
SELECT c.comment, c.owner, c.call, c.load, c.save FROM calls c
-- ;;
SELECT REPLACE(name, 'a', 'b'), INSERT('abc', 1, 2, 'z'), TRUNCATE(1.55, 1), LEFT(s, 3), RIGHT(s, 2) FROM t
-- ;;
SELECT a::FLOAT / NULLIF(b, 0)::NUMBER(38, 10), CAST(x AS TIMESTAMP_TZ(9)), y::DATE, z::VARIANT, w::ARRAY(NUMBER), q::MAP(VARCHAR, INT), v::VECTOR(FLOAT, 3) FROM t
-- ;;
SELECT VECTOR_COSINE_SIMILARITY(e1, e2) AS sim FROM emb ORDER BY sim DESC LIMIT 3
-- ;;
SELECT INTERVAL '1 day' + CURRENT_DATE, '2024-01-01'::DATE + 5, CURRENT_TIMESTAMP - INTERVAL '3 hours, 5 minutes'
-- ;;
SELECT x.a FROM (SELECT a FROM (SELECT a FROM t WHERE b BETWEEN 1 AND 10) y) x WHERE NOT (a <> 3 OR a != 4) AND a IS DISTINCT FROM 5
-- ;;
SELECT EQUAL_NULL(a, b), a <=> b FROM t
-- ;;
SELECT GREATEST(a, b), LEAST(a, b), GREATEST_IGNORE_NULLS(a, b, c), DIV0(a, b), DIV0NULL(a, b), SQUARE(a), HAVERSINE(1, 2, 3, 4) FROM t
-- ;;
SELECT TO_CHAR(ts, 'YYYY-MM-DD HH24:MI:SS'), TO_DATE(s, 'DD.MM.YYYY'), TO_TIMESTAMP_NTZ(e, 3), TO_TIME('12:00'), TO_DECIMAL('1.5', 10, 2), TO_BINARY('ff', 'HEX'), TO_VARCHAR(n, '999,999.00') FROM t
-- ;;
SELECT UUID_STRING(), RANDOM(), RANDSTR(5, RANDOM()), NORMAL(0, 1, RANDOM()), ZIPF(1, 10, RANDOM())
-- ;;
SELECT COUNT_IF(x > 3), SUM(IFF(y, 1, 0)), BOOLOR_AGG(z), BOOLAND_AGG(w), BITOR_AGG(q), MIN(a) KEEP_ FROM t
-- ;;
SELECT a, SUM(b) FILTER_SUM FROM t GROUP BY a
-- ;;
SELECT DATE '2024-01-01', TIMESTAMP '2024-01-01 10:00:00', TIME '10:00:00'
-- ;;
SELECT SUBSTR(s, 1, 3), SUBSTRING(s FROM 1 FOR 3), POSITION('a' IN s), TRIM(s, ' x'), LTRIM(s), CHARINDEX('a', s), LPAD(s, 5, '0'), REVERSE(s), INITCAP(s), TRANSLATE(s, 'a', 'b'), SOUNDEX(s), EDITDISTANCE(s, 'x'), JAROWINKLER_SIMILARITY(s, 'y') FROM t
-- ;;
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a), c (y) AS (SELECT x FROM b) SELECT a.x, b.x, c.y FROM a, b, c
-- ;;
WITH daily AS (SELECT DATE_TRUNC(day, ts) d, SUM(amount) s FROM orders GROUP BY 1) SELECT d, s, AVG(s) OVER (ORDER BY d ROWS 6 PRECEDING) FROM daily
-- ;;
SELECT IS_ROLE_IN_SESSION('ANALYST'), CURRENT_AVAILABLE_ROLES(), CURRENT_SECONDARY_ROLES()
-- ;;
SELECT MAP_KEYS(m), MAP_CAT(m, n), OBJECT_PICK(o, 'a'), OBJECT_INSERT(o, 'k', 1), OBJECT_DELETE(o, 'k'), ARRAY_APPEND(a, 1), ARRAY_GENERATE_RANGE(1, 5) FROM t
-- ;;
SELECT MINHASH(100, a), APPROXIMATE_SIMILARITY(mh), HLL_ACCUMULATE(b), BITMAP_COUNT(c), BITMAP_CONSTRUCT_AGG(BITMAP_BIT_POSITION(v)) FROM t
-- ;;
SELECT REGR_SLOPE(y, x), REGR_INTERCEPT(y, x), REGR_R2(y, x), COVAR_POP(a, b), STDDEV_POP(c), VAR_SAMP(d) FROM t
-- ;;
SELECT t.$1, t.$2:a FROM VALUES (1, 2) t
-- ;;
SELECT COLLATE(name, 'en-ci') = 'bob', name COLLATE 'de' FROM t ORDER BY name COLLATE 'en-ci'
-- ;;
SELECT * FROM identifier_table WHERE identifier = 1
-- ;;
SELECT ?::INT AS a, * FROM t WHERE x = ? AND y = :1
-- ;;
SELECT TO_GEOMETRY('POINT(1 1)'), ST_BUFFER(g, 2), ST_UNION_AGG(g), ST_CONTAINS(a, b), ST_WITHIN(a, b), ST_X(p), ST_Y(p) FROM geo
-- ;;
SELECT n FROM nums WHERE n IN (1, 2, 3) AND (a, b) IN ((1, 2), (3, 4))
-- ;;
SELECT BASE64_ENCODE(s), HEX_DECODE_STRING(h), COMPRESS(s, 'SNAPPY'), BASE64_DECODE_STRING(b), TRY_HEX_DECODE_BINARY(h), URL FROM t
-- ;;
SELECT PARSE_URL(u):host::STRING, PARSE_IP(ip, 'INET'):family FROM logs
-- ;;
SELECT AVG(x) OVER (PARTITION BY a ORDER BY b ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING), COUNT(*) OVER () FROM t
-- ;;
SELECT DATEDIFF(day, MIN(d), MAX(d)) + 1 AS span, TO_CHAR(MAX(d), 'MON') FROM t
-- ;;
SELECT s.a FROM t AS s SAMPLE (5 ROWS) WHERE s.a > 1
-- ;;
SELECT 0.5e-3, .5, 5., 1E10, -3, +4, x'ff', 'a' || 'b' || $$c$$
-- ;;
SELECT a AS "group", b AS "order" FROM t GROUP BY a, b ORDER BY "order"
-- ;;
SELECT 1 // comment ; still comment
-- ;;
SELECT MD5(a), SHA2(a, 256), SHA1(a), HASH(a, b), HASH(*), BASE64_ENCODE(a), BASE64_DECODE_STRING(a), HEX_ENCODE(a), UUID_STRING() FROM t
-- ;;
WITH cohort AS (SELECT user_id, MIN(DATE_TRUNC('month', event_ts)) AS cohort_month FROM events GROUP BY user_id)
SELECT c.cohort_month, DATEDIFF('month', c.cohort_month, DATE_TRUNC('month', e.event_ts)) AS month_no, COUNT(DISTINCT e.user_id) AS retained
FROM cohort c JOIN events e ON e.user_id = c.user_id GROUP BY 1, 2 ORDER BY 1, 2
-- ;;
SELECT user_id, session_no, MIN(ts) AS started, MAX(ts) AS ended, COUNT(*) AS hits FROM (
  SELECT user_id, ts, CONDITIONAL_TRUE_EVENT(DATEDIFF('minute', LAG(ts) OVER (PARTITION BY user_id ORDER BY ts), ts) > 30) OVER (PARTITION BY user_id ORDER BY ts) AS session_no FROM clicks
) GROUP BY user_id, session_no
-- ;;
SELECT store, SUM(IFF(channel = 'web', amount, 0)) AS web, SUM(IFF(channel = 'shop', amount, 0)) AS shop, web / NULLIF(web + shop, 0) AS web_share FROM sales GROUP BY store HAVING web_share > 0.5
-- ;;
SELECT r.value:sku::STRING AS sku, SUM(r.value:qty::NUMBER) AS units FROM orders o, LATERAL FLATTEN(INPUT => o.doc:lines) r WHERE o.doc:status::STRING <> 'cancelled' GROUP BY sku HAVING units > 100 ORDER BY units DESC LIMIT 20
-- ;;
SELECT o.id, l.index AS line_no, t.value::STRING AS tag FROM orders o, LATERAL FLATTEN(INPUT => o.doc, PATH => 'lines') l, LATERAL FLATTEN(INPUT => l.value:tags, OUTER => TRUE) t
-- ;;
SELECT day, visitors, visitors - LAG(visitors, 7) OVER (ORDER BY day) AS vs_last_week, ROUND(100 * DIV0(visitors - LAG(visitors, 7) OVER (ORDER BY day), LAG(visitors, 7) OVER (ORDER BY day)), 1) AS pct FROM traffic QUALIFY vs_last_week IS NOT NULL
-- ;;
SELECT * FROM (SELECT region, quarter, revenue FROM sales) PIVOT (AVG(revenue) FOR quarter IN ('Q1', 'Q2', 'Q3', 'Q4')) AS p (region, q1, q2, q3, q4) WHERE q4 > q1
-- ;;
SELECT sensor, metric, reading FROM sensors UNPIVOT (reading FOR metric IN (temperature, humidity, pressure)) WHERE reading IS NOT NULL
-- ;;
SELECT * FROM logins MATCH_RECOGNIZE (
  PARTITION BY user_id ORDER BY ts
  MEASURES FIRST(bad.ts) AS first_bad, LAST(good.ts) AS got_in, COUNT(bad.*) AS tries, MATCH_NUMBER() AS mno
  ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW
  PATTERN (bad{3,} good) DEFINE bad AS ok = FALSE, good AS ok = TRUE)
-- ;;
SELECT symbol, start_ts, end_ts FROM quotes MATCH_RECOGNIZE (PARTITION BY symbol ORDER BY ts MEASURES FIRST(ts) AS start_ts, LAST(ts) AS end_ts ALL ROWS PER MATCH AFTER MATCH SKIP TO NEXT ROW PATTERN (strt down+ up+) DEFINE down AS price < LAG(price), up AS price > LAG(price))
-- ;;
SELECT t.trade_id, t.ts, q.bid, q.ask FROM trades AS t ASOF JOIN quotes AS q MATCH_CONDITION (t.ts > q.ts) ON t.symbol = q.symbol AND t.venue = q.venue WHERE q.bid IS NOT NULL
-- ;;
SELECT o.id, o.status, p.status AS status_yesterday FROM orders o JOIN orders AT (OFFSET => -86400) p ON p.id = o.id WHERE o.status <> p.status
-- ;;
SELECT metadata$action, metadata$isupdate, COUNT(*) FROM orders_stream GROUP BY 1, 2
-- ;;
SELECT id, v, METADATA$ROW_ID FROM t CHANGES (INFORMATION => DEFAULT) AT (TIMESTAMP => '2024-05-01 00:00:00'::TIMESTAMP_TZ) END (TIMESTAMP => '2024-05-02 00:00:00'::TIMESTAMP_TZ)
-- ;;
SELECT COUNT(*) FROM big_table TABLESAMPLE BLOCK (0.1) REPEATABLE (99)
-- ;;
SELECT a.id, b.id FROM a SAMPLE (1) JOIN b SAMPLE (2) ON a.k = b.k
-- ;;
WITH RECURSIVE days AS (SELECT '2024-01-01'::DATE AS d UNION ALL SELECT DATEADD(day, 1, d) FROM days WHERE d < '2024-12-31') SELECT d, DAYNAME(d), WEEKISO(d) FROM days
-- ;;
SELECT d.d, COALESCE(SUM(o.amount), 0) AS revenue FROM (SELECT DATEADD(day, ROW_NUMBER() OVER (ORDER BY NULL) - 1, '2024-01-01'::DATE) AS d FROM TABLE(GENERATOR(ROWCOUNT => 31))) d LEFT JOIN orders o ON o.order_date::DATE = d.d GROUP BY d.d ORDER BY d.d
-- ;;
SELECT part, SUM(qty) FROM (SELECT part, qty, CONNECT_BY_ROOT part AS top, LEVEL AS lvl FROM bom START WITH parent IS NULL CONNECT BY parent = PRIOR part) WHERE lvl <= 3 GROUP BY part
-- ;;
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY price) AS q1, percentile_cont(0.75) WITHIN GROUP (ORDER BY price) AS q3, q3 - q1 AS iqr FROM listings
-- ;;
SELECT city, ARRAY_AGG(DISTINCT tag) WITHIN GROUP (ORDER BY tag) AS tags, ARRAY_SIZE(tags) AS n, ARRAY_UNIQUE_AGG(tag_id) AS ids FROM places GROUP BY ALL ORDER BY n DESC
-- ;;
SELECT OBJECT_AGG(name, value::VARIANT) AS settings FROM config GROUP BY app
-- ;;
SELECT f.this, f.path, f.value FROM docs d, LATERAL FLATTEN(INPUT => d.body, RECURSIVE => TRUE) f WHERE TYPEOF(f.value) NOT IN ('OBJECT', 'ARRAY')
-- ;;
SELECT src:vehicle[0].make::STRING, src:['vehicle'][0]['model']::STRING, src:extras[ARRAY_SIZE(src:extras) - 1] FROM car_sales
-- ;;
SELECT TRY_CAST(payload:amount AS NUMBER(12, 2)) AS amount, payload:ts::TIMESTAMP_NTZ AS ts, IS_NULL_VALUE(payload:note) AS has_null_note FROM raw.ingest.events WHERE payload:amount IS NOT NULL
-- ;;
SELECT c_custkey, c_name FROM snowflake_sample_data.tpch_sf1.customer WHERE c_acctbal > (SELECT AVG(c_acctbal) FROM snowflake_sample_data.tpch_sf1.customer WHERE c_acctbal > 0.00) AND NOT EXISTS (SELECT * FROM snowflake_sample_data.tpch_sf1.orders WHERE o_custkey = c_custkey)
-- ;;
SELECT o_orderpriority, COUNT(*) AS order_count FROM orders WHERE o_orderdate >= TO_DATE('1993-07-01') AND o_orderdate < DATEADD(month, 3, TO_DATE('1993-07-01')) AND EXISTS (SELECT 1 FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate) GROUP BY o_orderpriority ORDER BY o_orderpriority
-- ;;
SELECT nation, o_year, SUM(amount) AS sum_profit FROM (SELECT n_name AS nation, EXTRACT(year FROM o_orderdate) AS o_year, l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity AS amount FROM part, supplier, lineitem, partsupp, orders, nation WHERE s_suppkey = l_suppkey AND p_name LIKE '%green%') AS profit GROUP BY nation, o_year ORDER BY nation, o_year DESC
-- ;;
SELECT supplier_no, total_revenue FROM (SELECT l_suppkey AS supplier_no, SUM(l_extendedprice * (1 - l_discount)) AS total_revenue FROM lineitem GROUP BY l_suppkey) QUALIFY DENSE_RANK() OVER (ORDER BY total_revenue DESC) = 1
-- ;;
SELECT bucket, COUNT(*) AS n, REPEAT('#', COUNT(*)::INT) AS bar FROM (SELECT WIDTH_BUCKET(age, 0, 100, 20) AS bucket FROM people) GROUP BY bucket ORDER BY bucket
-- ;;
SELECT product, LISTAGG(CONCAT(color, '/', size), '; ') WITHIN GROUP (ORDER BY color, size) AS variants FROM skus GROUP BY product
-- ;;
SELECT event_date, COUNT(DISTINCT user_id) AS dau, SUM(COUNT(DISTINCT user_id)) OVER (ORDER BY event_date ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS wau_ish FROM events GROUP BY event_date
-- ;;
SELECT HLL_ESTIMATE(HLL_COMBINE(sketch)) AS uniques FROM daily_sketches WHERE day BETWEEN '2024-01-01' AND '2024-01-31'
-- ;;
SELECT a.key, a.hash_a, b.hash_b FROM (SELECT key, HASH_AGG(*) AS hash_a FROM t_old GROUP BY key) a FULL OUTER JOIN (SELECT key, HASH_AGG(*) AS hash_b FROM t_new GROUP BY key) b USING (key) WHERE NOT EQUAL_NULL(hash_a, hash_b)
-- ;;
SELECT name FROM customers WHERE EDITDISTANCE(LOWER(name), 'jonson') <= 2 OR JAROWINKLER_SIMILARITY(name, 'Jonson') > 90 OR SOUNDEX(name) = SOUNDEX('Jonson')
-- ;;
SELECT REGEXP_SUBSTR_ALL(body, '#[A-Za-z]+') AS hashtags, REGEXP_INSTR(body, '@', 1, 1) AS at_pos FROM tweets WHERE REGEXP_LIKE(body, '.*#snow(flake)?.*', 'i')
-- ;;
SELECT TO_CHAR(order_ts, 'YYYY-"W"IW') AS iso_week, TO_VARCHAR(amount, '$999,999.00') AS pretty, TO_CHAR(CURRENT_TIMESTAMP, 'HH12:MI AM') FROM orders
-- ;;
SELECT id, created_at::DATE AS d FROM t WHERE created_at >= DATE_TRUNC('quarter', CURRENT_DATE()) - INTERVAL '1 year' AND created_at < LAST_DAY(CURRENT_DATE(), 'year') + 1
-- ;;
SELECT TIMEDIFF(millisecond, a, b), TIMEADD(minute, 5, a), DATE_FROM_PARTS(YEAR(a), 1, 1), DAYOFYEAR(a), WEEKOFYEAR(a), MINUTE(a), SECOND(a) FROM t
-- ;;
SELECT department, employee, salary, RANK() OVER (PARTITION BY department ORDER BY salary DESC NULLS LAST) AS r FROM staff QUALIFY r <= 3 AND COUNT(*) OVER (PARTITION BY department) >= 5
-- ;;
SELECT e1.name AS employee, e2.name AS manager FROM employees e1 LEFT JOIN employees e2 ON e1.manager_id = e2.id ORDER BY e2.name NULLS FIRST, e1.name
-- ;;
SELECT * FROM a JOIN b ON a.id = b.a_id AND b.valid_from <= a.ts AND (b.valid_to > a.ts OR b.valid_to IS NULL)
-- ;;
SELECT COUNT(*) total, COUNT_IF(status = 'error') errors, ROUND(errors * 100.0 / total, 2) pct FROM request_log WHERE ts > DATEADD(hour, -24, SYSDATE())
-- ;;
SELECT tbl.$1 AS first_col, tbl.$2 AS second_col FROM (VALUES (10, 'ten'), (20, 'twenty')) AS tbl
-- ;;
SELECT CASE WHEN GROUPING(region) = 1 THEN 'ALL' ELSE region END AS region, CASE GROUPING(product) WHEN 1 THEN 'ALL' ELSE product END AS product, SUM(sales) FROM s GROUP BY CUBE (region, product)
-- ;;
SELECT GREATEST_IGNORE_NULLS(a, b), LEAST_IGNORE_NULLS(a, b), BOOLXOR(x, y), NVL2(c, 'set', 'unset'), REGR_R2(y1, x1) OVER (PARTITION BY g) FROM m GROUP BY ALL
-- ;;
SELECT VECTOR_L2_DISTANCE(v, [1, 2, 3]::VECTOR(FLOAT, 3)) AS dist, id FROM embeddings ORDER BY dist LIMIT 10
-- ;;
SELECT ST_ASWKT(ST_SIMPLIFY(geo, 10)), H3_CELL_TO_PARENT(cell, 5), ST_DISTANCE(ST_MAKEPOINT(lon, lat), TO_GEOGRAPHY('POINT(13.4 52.5)')) / 1000 AS km FROM shops WHERE ST_WITHIN(ST_MAKEPOINT(lon, lat), TO_GEOGRAPHY(:1))
-- ;;
SELECT DISTINCT f.key FROM events, LATERAL FLATTEN(INPUT => OBJECT_KEYS(payload)) f ORDER BY 1
-- ;;
SELECT ARRAY_EXCEPT(a, b), ARRAYS_ZIP(a, b), ARRAY_POSITION('x'::VARIANT, a), ARRAY_PREPEND(a, 0), ARRAY_REMOVE(a, 3), ARRAY_REVERSE(a) FROM t
-- ;;
SELECT TRANSFORM(TRANSFORM(items, i -> i:price::FLOAT), p -> ROUND(p * 1.19, 2)) AS gross, FILTER(items, i -> i:qty > 1 AND i:sku IS NOT NULL) AS many FROM carts
-- ;;
SELECT {'id': id, 'name': name, 'meta': {'created': created_at, 'tags': [tag1, tag2]}} AS doc FROM t
-- ;;
SELECT * EXCLUDE (ssn) REPLACE (INITCAP(name) AS name) RENAME (dob AS birth_date) FROM people
-- ;;
SELECT t.* ILIKE 'addr%' FROM customers t LIMIT 5
-- ;;
SELECT call, load, commit, lock, analyze, execute, export, import FROM telephone_log
-- ;;
SELECT l.begin, l.end_ts, l.copy, l.merge, l.truncate, l.replace FROM ledger AS l WHERE l.refresh IS NOT NULL
-- ;;
SELECT MAX(unload) AS last_unload, MIN(backup) AS first_backup FROM jobs WHERE backup IS NOT NULL AND unload > '2024-01-01'
-- ;;
SELECT (unload), (backup + 1), AVG(backup) OVER (ORDER BY unload) FROM jobs ORDER BY backup, unload
-- ;;
WITH backup AS (SELECT 1 AS await), unload (all_of) AS (SELECT 2) SELECT backup.await, unload.all_of FROM backup, unload
-- ;;
SELECT await, async, b.backup AS unload FROM db.backup.await AS b
-- ;;
SHOW TABLES IN SCHEMA db.backup ->> SELECT "name" FROM $1
-- ;;
DESCRIBE TABLE prod.public.backup
-- ;;
SHOW MATERIALIZED VIEWS IN DATABASE sales
-- ;;
SHOW EXTERNAL TABLES LIKE 'raw%' IN SCHEMA lake.public
-- ;;
SHOW TERSE OBJECTS IN SCHEMA sales.public LIMIT 50
-- ;;
SHOW UNIQUE KEYS IN TABLE sales.public.orders
-- ;;
SHOW ALERTS IN ACCOUNT
-- ;;
SHOW REGIONS LIKE '%eu%'
-- ;;
SHOW ROLES ->> SELECT "name", "granted_to_roles" FROM $1 WHERE "name" ILIKE '%admin%' ORDER BY 1
-- ;;
SHOW COLUMNS IN VIEW sales.public.v_orders ->> SELECT "column_name", PARSE_JSON("data_type"):type::STRING AS t FROM $1
-- ;;
DESC DYNAMIC TABLE sales.public.daily
-- ;;
DESCRIBE SCHEMA sales.public
-- ;;
EXPLAIN USING TEXT SELECT region, SUM(x) FROM s GROUP BY region HAVING SUM(x) > 10 QUALIFY ROW_NUMBER() OVER (ORDER BY SUM(x)) = 1
-- ;;
SELECT user_name, query_type, SUM(credits_used_cloud_services) AS credits FROM snowflake.account_usage.query_history WHERE start_time >= DATEADD('day', -30, CURRENT_TIMESTAMP()) GROUP BY ALL ORDER BY credits DESC NULLS LAST LIMIT 25
-- ;;
SELECT name, state, error_message, scheduled_time FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(SCHEDULED_TIME_RANGE_START => DATEADD('hour', -1, CURRENT_TIMESTAMP()), RESULT_LIMIT => 10, TASK_NAME => 'LOAD_ORDERS'))
-- ;;
SELECT c.table_name, LISTAGG(c.column_name, ', ') WITHIN GROUP (ORDER BY c.ordinal_position) AS cols FROM prod.information_schema.columns c JOIN prod.information_schema.tables t USING (table_catalog, table_schema, table_name) WHERE t.table_type = 'BASE TABLE' GROUP BY 1
-- ;;
SELECT usage_date, AVG(storage_bytes) / POWER(1024, 4) AS tb FROM snowflake.account_usage.storage_usage GROUP BY 1 ORDER BY 1
-- ;;
SELECT * FROM SEMANTIC_VIEW(db.s.revenue DIMENSIONS customer.customer_name, orders.order_year METRICS orders.order_total_price, orders.order_count) WHERE order_year = 2024 ORDER BY 3 DESC LIMIT 10
-- ;;
SELECT 'O''Brien' AS n, 'tab\there' AS t, 'C:\\temp\\' AS p, $$it's {"json": "raw"}$$ AS r, 'ünï©ødé 漢字' AS u
-- ;;
SELECT t.v:"weird.key"[0]."inner key"::STRING FROM t WHERE t.v:n::INT % 2 = 0 AND BITAND(t.v:flags::INT, 4) != 0
-- ;;
SELECT x, y FROM t1 UNION BY NAME SELECT y, x, NULL AS z FROM t2
-- ;;
SELECT id FROM t1 MINUS SELECT id FROM t2 INTERSECT SELECT id FROM t3 ORDER BY 1 LIMIT 100 OFFSET 200
-- ;;
SELECT COUNT(DISTINCT a, b), COUNT(t.*), APPROX_TOP_K(c, 5, 1000), MODE(d), BITMAP_BUCKET_NUMBER(e) FROM t GROUP BY ALL
-- ;;
SELECT IFF(REGEXP_COUNT(email, '@') = 1, SPLIT_PART(email, '@', -1), NULL) AS domain, COUNT(*) FROM users GROUP BY domain HAVING domain IS NOT NULL ORDER BY 2 DESC
-- ;;
SELECT FIRST_VALUE(price IGNORE NULLS) OVER (PARTITION BY sku ORDER BY ts), NTH_VALUE(price, 2) FROM LAST IGNORE NULLS OVER (PARTITION BY sku ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM prices
-- ;;
SELECT INTERPOLATE_LINEAR(v) OVER (PARTITION BY k ORDER BY ts), INTERPOLATE_FFILL(v) OVER (PARTITION BY k ORDER BY ts) FROM readings
-- ;;
SELECT id, DECODE(TRUE, amount < 10, 'small', amount < 100, 'medium', 'large') AS class FROM orders
-- ;;
SELECT PARSE_XML(x):"$" AS body, XMLGET(PARSE_XML(x), 'item', 1):"@id"::INT AS item_id FROM feeds
-- ;;
SELECT COUNT(*) FROM t WHERE a NOT ILIKE ALL ('%x%', '%y%') AND b NOT RLIKE 'z.*' AND NOT (c IS NULL OR d = '')
-- ;;
SELECT s.seq, s.index, s.value FROM t, LATERAL SPLIT_TO_TABLE(t.csv, '|') AS s ORDER BY s.seq, s.index
-- ;;
SELECT MIN(a) OVER (ORDER BY b RANGE BETWEEN 5 PRECEDING AND 5 FOLLOWING), MAX(a) OVER (PARTITION BY c ORDER BY b ROWS UNBOUNDED PRECEDING) FROM t
-- ;;
SELECT * FROM (unload JOIN jobs USING (job_id))
-- ;;
SELECT COUNT(*) backup, MIN(ts) unload, MAX(ts) await FROM async
-- ;;
SELECT v:backup.unload::STRING, v:await[0] FROM t, LATERAL FLATTEN(INPUT => v:backup) f
-- ;;
SELECT CAST(backup AS DATE), EXTRACT(YEAR FROM backup), TRIM(unload), DATEDIFF(day, backup, unload), (backup::DATE), (unload COLLATE 'en') FROM t
-- ;;
SHOW BACKUP SETS IN SCHEMA d.s
-- ;;
SHOW BACKUPS IN BACKUP SET b
-- ;;
SHOW BACKUP POLICIES
-- ;;
SHOW CORTEX SEARCH SERVICES IN SCHEMA d.s
-- ;;
SHOW AGENTS IN DATABASE d
-- ;;
SHOW MCP SERVERS
-- ;;
SHOW GIT BRANCHES IN d.s.repo
-- ;;
SHOW GIT REPOSITORIES IN ACCOUNT
-- ;;
SHOW NOTEBOOKS LIKE 'a%'
-- ;;
SHOW SERVICES IN COMPUTE POOL p
-- ;;
SHOW MODELS IN SCHEMA d.s
-- ;;
SHOW EVENT TABLES
-- ;;
SHOW HYBRID TABLES IN DATABASE d
-- ;;
SHOW ICEBERG TABLES IN SCHEMA d.s
-- ;;
SHOW INTERACTIVE TABLES
-- ;;
SHOW DATASETS IN SCHEMA d.s
-- ;;
SHOW TAGS IN ACCOUNT
-- ;;
SHOW SECRETS IN SCHEMA d.s
-- ;;
SHOW NETWORK RULES
-- ;;
SHOW NETWORK POLICIES
-- ;;
SHOW MASKING POLICIES IN ACCOUNT
-- ;;
SHOW ROW ACCESS POLICIES IN SCHEMA d.s
-- ;;
SHOW AGGREGATION POLICIES
-- ;;
SHOW SHARES LIKE 'x%'
-- ;;
SHOW FAILOVER GROUPS
-- ;;
SHOW STREAMLITS IN DATABASE d
-- ;;
SHOW EXTERNAL FUNCTIONS
-- ;;
SHOW EXTERNAL VOLUMES
-- ;;
SHOW CATALOG INTEGRATIONS
-- ;;
SHOW STORAGE INTEGRATIONS
-- ;;
SHOW TRANSACTIONS IN ACCOUNT
-- ;;
SHOW SEQUENCES IN SCHEMA d.s
-- ;;
SHOW FILE FORMATS IN ACCOUNT
-- ;;
SHOW PROCEDURES IN SCHEMA d.s
-- ;;
SHOW USER PROCEDURES
-- ;;
SHOW TABLE FUNCTIONS
-- ;;
SHOW DATA METRIC FUNCTIONS IN ACCOUNT
-- ;;
SHOW CHANNELS IN TABLE t
-- ;;
SHOW ENDPOINTS IN SERVICE s
-- ;;
SHOW SEMANTIC DIMENSIONS IN sv
-- ;;
SHOW SEMANTIC METRICS IN DATABASE d
-- ;;
SHOW SEMANTIC DIMENSIONS IN sv FOR METRIC m
-- ;;
SHOW DATABASE ROLES IN DATABASE d
-- ;;
SHOW APPLICATION ROLES IN APPLICATION a
-- ;;
SHOW APPLICATIONS
-- ;;
SHOW MANAGED ACCOUNTS
-- ;;
SHOW DELEGATED AUTHORIZATIONS
-- ;;
SHOW PARAMETERS LIKE 'stat%' IN WAREHOUSE w
-- ;;
SHOW PARAMETERS IN TABLE t
-- ;;
SHOW GRANTS OF SHARE s
-- ;;
SHOW FUTURE GRANTS TO ROLE r
-- ;;
SHOW GRANTS TO DATABASE ROLE d.r
-- ;;
SHOW OBJECTS STARTS WITH 'A' LIMIT 5
-- ;;
SHOW TABLES IN SCHEMA IF_X
-- ;;
SHOW CLASSES
-- ;;
DESCRIBE SEMANTIC VIEW d.s.sv
-- ;;
DESC EXTERNAL TABLE e TYPE = COLUMNS
-- ;;
DESC MATERIALIZED VIEW m
-- ;;
DESC PROCEDURE p(VARCHAR, NUMBER)
-- ;;
DESC SEQUENCE s
-- ;;
DESC PIPE p
-- ;;
DESC INTEGRATION i
-- ;;
DESC NETWORK POLICY p
-- ;;
DESC SHARE s
-- ;;
DESC TRANSACTION 123
-- ;;
DESC ICEBERG TABLE t
-- ;;
DESC AGENT a
-- ;;
DESCRIBE CORTEX SEARCH SERVICE s
-- ;;
DESC ALERT a
-- ;;
DESC SERVICE s
-- ;;
DESC COMPUTE POOL p
-- ;;
WITH base AS (
  SELECT o.customer_id, DATE_TRUNC('month', o.ordered_at)::DATE AS cohort_month, o.total, -- gross
  FROM analytics.marts.fct_orders AS o
  WHERE o.ordered_at >= DATEADD(month, -24, CURRENT_DATE)
    AND o.status NOT IN ('cancelled', 'refunded')
),
firsts AS (SELECT customer_id, MIN(cohort_month) AS first_month FROM base GROUP BY 1),
joined AS (
  SELECT b.*, f.first_month, DATEDIFF('month', f.first_month, b.cohort_month) AS age
  FROM base b JOIN firsts f USING (customer_id)
)
SELECT first_month, age, COUNT(DISTINCT customer_id) AS customers, SUM(total) AS revenue,
       RATIO_TO_REPORT(SUM(total)) OVER (PARTITION BY first_month) AS share
FROM joined GROUP BY ALL ORDER BY 1, 2
-- ;;
WITH base AS (SELECT 1 AS a), b AS (SELECT a FROM base), c AS (SELECT a FROM b), d AS (SELECT a FROM c), e AS (SELECT a FROM d) SELECT * FROM base NATURAL JOIN b NATURAL JOIN c NATURAL JOIN d NATURAL JOIN e
-- ;;
SELECT id, ts, SUM(amount) OVER (PARTITION BY id ORDER BY ts RANGE BETWEEN INTERVAL '7 days' PRECEDING AND CURRENT ROW) AS rolling FROM payments
-- ;;
SELECT id, SUM(amount) OVER (ORDER BY ts RANGE BETWEEN INTERVAL '1 month' PRECEDING AND INTERVAL '1 day' FOLLOWING) FROM payments
-- ;;
SELECT id, AVG(x) OVER (PARTITION BY id ORDER BY n ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING) mv, FIRST_VALUE(x) IGNORE NULLS OVER (PARTITION BY id ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) f FROM s
-- ;;
SELECT LAST_VALUE(x IGNORE NULLS) OVER (PARTITION BY id ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS filled FROM s
-- ;;
SELECT LAG(x, 1, 0) RESPECT NULLS OVER (PARTITION BY id ORDER BY ts) FROM s
-- ;;
SELECT PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY latency_ms) OVER (PARTITION BY service) AS p90 FROM spans
-- ;;
SELECT service, APPROX_PERCENTILE(latency_ms, 0.99) p99, MEDIAN(latency_ms) med, MODE(status) FROM spans GROUP BY service HAVING COUNT_IF(status >= 500) / COUNT(*) > 0.01
-- ;;
SELECT * FROM events QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY _loaded_at DESC NULLS LAST, _file_row) = 1 AND COUNT(*) OVER (PARTITION BY event_id) > 1
-- ;;
SELECT user_id, event, CONDITIONAL_TRUE_EVENT(DATEDIFF('minute', LAG(ts) OVER (PARTITION BY user_id ORDER BY ts), ts) > 30) OVER (PARTITION BY user_id ORDER BY ts) AS session_no FROM events
-- ;;
SELECT * FROM quarterly PIVOT (SUM(amount) FOR quarter IN (ANY) DEFAULT ON NULL (0)) AS p
-- ;;
SELECT * FROM quarterly PIVOT (MAX(amount) FOR quarter IN (SELECT DISTINCT quarter FROM calendar WHERE is_current ORDER BY quarter)) p
-- ;;
SELECT * FROM (SELECT region, product, amount FROM sales) PIVOT (AVG(amount) FOR product IN ('a' AS a_avg, 'b' AS b_avg)) AS p (region, a, b)
-- ;;
SELECT * FROM monthly UNPIVOT INCLUDE NULLS (sales FOR month IN (jan AS 'January', feb AS 'February', mar))
-- ;;
SELECT * FROM monthly UNPIVOT EXCLUDE NULLS (sales FOR month IN (jan, feb))
-- ;;
SELECT company, match_no, first_date, last_date FROM stock MATCH_RECOGNIZE (
  PARTITION BY company ORDER BY price_date
  MEASURES MATCH_NUMBER() AS match_no, FIRST(price_date) AS first_date, LAST(price_date) AS last_date, COUNT(down.*) AS downs, CLASSIFIER() AS c
  ONE ROW PER MATCH
  AFTER MATCH SKIP TO LAST up
  PATTERN (start_row down{2,} up+?)
  DEFINE down AS price < LAG(price), up AS price > LAG(price)
)
-- ;;
SELECT * FROM clicks MATCH_RECOGNIZE (PARTITION BY user_id ORDER BY ts ALL ROWS PER MATCH SHOW EMPTY MATCHES PATTERN (^ a b* c? $) DEFINE a AS page = '/', b AS page LIKE '/p/%', c AS page = '/buy')
-- ;;
SELECT * FROM clicks MATCH_RECOGNIZE (ORDER BY ts MEASURES FINAL LAST(ts) AS e, RUNNING COUNT(*) AS n ALL ROWS PER MATCH WITH UNMATCHED ROWS PATTERN (PERMUTE(a, b) | {- c -}) DEFINE a AS x = 1, b AS x = 2, c AS x = 3)
-- ;;
SELECT t.ts, t.px, q.bid FROM trades t ASOF JOIN quotes q MATCH_CONDITION (t.ts >= q.ts) ON t.sym = q.sym AND t.venue = q.venue WHERE t.px > 0
-- ;;
SELECT t.ts, q.bid FROM trades t ASOF JOIN quotes q MATCH_CONDITION (t.ts > q.ts) USING (sym)
-- ;;
SELECT f.value:sku::STRING AS sku, f.value:qty::INT AS qty, f.index, f.path, f.seq, f.key, f.this FROM raw.orders o, LATERAL FLATTEN(INPUT => o.payload:items, OUTER => TRUE, MODE => 'ARRAY') f
-- ;;
SELECT o.id, i.value:name::STRING, t.value::STRING FROM raw.orders o, LATERAL FLATTEN(o.payload:items) i, LATERAL FLATTEN(INPUT => i.value:tags, RECURSIVE => FALSE) t WHERE t.value ILIKE ANY ('%sale%', '%promo%')
-- ;;
SELECT payload['user']['id']::NUMBER AS uid, payload:"user id"::STRING, payload:a.b[0]."c d"::VARCHAR(20), GET_PATH(payload, 'a.b[0]') FROM raw.events
-- ;;
SELECT o.$1, o.$2::DATE FROM VALUES (1, '2024-01-01'), (2, '2024-02-01') o
-- ;;
SELECT column1 AS id, column2 AS label FROM VALUES (1, 'a'), (2, 'b'), (3, NULL)
-- ;;
SELECT region, product, SUM(x), GROUPING_ID(region, product) g FROM s GROUP BY GROUPING SETS ((region, product), (region), ()) ORDER BY g, 1 NULLS FIRST
-- ;;
SELECT region, product, SUM(x) FROM s GROUP BY region, ROLLUP (product, sku), CUBE (channel)
-- ;;
SELECT FILTER(items, i -> i:qty::INT > 1 AND i:sku IS NOT NULL) AS multi, TRANSFORM(items, i VARIANT -> i:price::NUMBER(10, 2) * 1.2), REDUCE(items, 0, (acc, i) -> acc + i:qty::INT) FROM orders
-- ;;
SELECT REDUCE([1, 2, 3], 0, (acc INT, val INT) -> acc + val)
-- ;;
SELECT TRANSFORM(FILTER(ARRAY_CONSTRUCT(1, 2, 3), x INT -> x % 2 = 1), y INT -> y * 10)
-- ;;
SELECT {'a': 1, 'b': [1, 2, {'c': NULL}]}::OBJECT(a INT, b ARRAY(VARIANT)) AS o
-- ;;
SELECT [1, 2, 3]::ARRAY(NUMBER(10, 0) NOT NULL), {'k': 'v'}::MAP(VARCHAR, VARCHAR)
-- ;;
SELECT addr::OBJECT(street VARCHAR NOT NULL, zip CHAR(5), geo OBJECT(lat FLOAT, lon FLOAT)) FROM customers
-- ;;
SELECT CAST(v AS ARRAY(OBJECT(id NUMBER, tags ARRAY(STRING)))), m['k'], o:street FROM structured
-- ;;
SELECT MAP_KEYS(m), MAP_SIZE(m), MAP_CONTAINS_KEY('a', m) FROM structured
-- ;;
SELECT * FROM orders AT (TIMESTAMP => '2024-06-01 00:00:00'::TIMESTAMP_LTZ) o JOIN customers BEFORE (STATEMENT => '01b2c3d4-0000-1111-0000-000000000001') c ON o.cid = c.id
-- ;;
SELECT * FROM orders AT (OFFSET => -60 * 60 * 24) MINUS SELECT * FROM orders
-- ;;
SELECT * FROM orders AT (STREAM => 'orders_stream')
-- ;;
SELECT METADATA$ACTION, METADATA$ISUPDATE, METADATA$ROW_ID, * FROM orders CHANGES (INFORMATION => APPEND_ONLY) AT (TIMESTAMP => DATEADD(hour, -1, CURRENT_TIMESTAMP())) END (TIMESTAMP => CURRENT_TIMESTAMP())
-- ;;
SELECT * FROM big SAMPLE SYSTEM (3) SEED (82)
-- ;;
SELECT * FROM big TABLESAMPLE BERNOULLI (20.3) REPEATABLE (99)
-- ;;
SELECT a.x FROM a SAMPLE (25) JOIN b TABLESAMPLE BLOCK (50) ON a.x = b.x
-- ;;
SELECT * FROM (SELECT a.*, b.y FROM a JOIN b ON a.x = b.x) SAMPLE ROW (10 ROWS)
-- ;;
SELECT id, name, email, FROM customers
-- ;;
SELECT * FROM customers WHERE email ILIKE ANY ('%@a.com', '%@b.com') AND NOT name LIKE ALL ('%test%', '%qa%') ESCAPE '^'
-- ;;
SELECT TRY_CAST(raw AS NUMBER(18, 4)), TRY_TO_DATE(d, 'DD/MM/YYYY'), TRY_TO_TIMESTAMP_NTZ(t), TRY_PARSE_JSON(j):a::BOOLEAN FROM staging
-- ;;
SELECT OBJECT_CONSTRUCT(*) AS row_json, OBJECT_CONSTRUCT_KEEP_NULL('a', a, 'b', b), HASH(*) FROM t
-- ;;
SELECT {*}, {* EXCLUDE (ssn)}, {* ILIKE 'a%'}, {t.*} FROM t
-- ;;
SELECT * EXCLUDE (ssn, dob) RENAME (cust_nm AS customer_name, ord_dt AS order_date) FROM t
-- ;;
SELECT t.* ILIKE '%_id' REPLACE (id::STRING AS id) RENAME id AS key FROM t
-- ;;
SELECT * REPLACE ('***' AS email, ROUND(total, 2) AS total) FROM t
-- ;;
SELECT a.* EXCLUDE id, b.* RENAME (x AS y) FROM a JOIN b ON a.id = b.id
-- ;;
SELECT ST_DISTANCE(ST_MAKEPOINT(-122.3, 37.5)::GEOGRAPHY, TO_GEOGRAPHY('POINT(-122.4 37.6)')) AS m, ST_ASGEOJSON(geo):coordinates[0]::FLOAT, H3_LATLNG_TO_CELL(lat, lon, 8) FROM stores
-- ;;
SELECT s.id, z.zone FROM stores s JOIN zones z ON ST_WITHIN(s.geo, z.geo) AND ST_DWITHIN(s.geo, ST_POINT(1, 2), 5000)
-- ;;
SELECT id, VECTOR_COSINE_SIMILARITY(emb, [0.1, 0.2, 0.3]::VECTOR(FLOAT, 3)) AS sim FROM docs ORDER BY sim DESC LIMIT 5
-- ;;
SELECT VECTOR_L2_DISTANCE(a.emb, b.emb), VECTOR_INNER_PRODUCT(a.emb, b.emb), VECTOR_L1_DISTANCE(a.emb, b.emb) FROM docs a CROSS JOIN docs b WHERE a.id < b.id
-- ;;
SELECT * FROM SEMANTIC_VIEW(sales_sv DIMENSIONS customer.region, orders.order_month AS m METRICS orders.revenue, orders.aov WHERE customer.region = 'EU') ORDER BY 1
-- ;;
SELECT * FROM SEMANTIC_VIEW(db.s.sales_sv FACTS orders.total DIMENSIONS orders.id) AS v (t, i)
-- ;;
SELECT region, AGG(revenue) FROM sales_sv GROUP BY region
-- ;;
SHOW TABLES IN SCHEMA analytics.marts ->> SELECT "name", "rows" FROM $1 WHERE "rows" > 0 ORDER BY "rows" DESC
-- ;;
SHOW WAREHOUSES ->> SELECT "name", "state", "size" FROM $1 WHERE "state" = 'STARTED'
-- ;;
SHOW COLUMNS IN TABLE orders ->> SELECT "column_name", PARSE_JSON("data_type"):type::STRING AS t FROM $1 ->> SELECT t, COUNT(*) FROM $1 GROUP BY t
-- ;;
SHOW SCHEMAS IN DATABASE a ->> SELECT COUNT(*) FROM $1
-- ;;
SELECT region, SUM(total) AS t FROM orders GROUP BY 1 ->> SELECT * FROM $1 WHERE t > 100 ->> SELECT COUNT(*) AS n, MAX(t) FROM $1
-- ;;
DESCRIBE TABLE orders ->> SELECT "name", "type" FROM $1 WHERE "null?" = 'N'
-- ;;
SHOW SEMANTIC METRICS IN SEMANTIC VIEW sales_sv
-- ;;
SHOW SEMANTIC DIMENSIONS LIKE '%region%' IN sales_sv FOR METRIC revenue
-- ;;
SHOW TERSE OBJECTS LIKE 'STG\\_%' IN SCHEMA raw.public STARTS WITH 'STG' LIMIT 50 FROM 'STG_ORDERS'
-- ;;
SHOW DYNAMIC TABLES IN ACCOUNT
-- ;;
SHOW GRANTS ON DATABASE analytics
-- ;;
SHOW FUTURE GRANTS IN SCHEMA analytics.marts
-- ;;
SHOW PRIMARY KEYS IN TABLE analytics.marts.fct_orders
-- ;;
SHOW USER FUNCTIONS IN SCHEMA util
-- ;;
DESC VIEW analytics.marts.v_orders
-- ;;
DESC FUNCTION util.parse_ua(VARCHAR, NUMBER)
-- ;;
DESCRIBE SEMANTIC VIEW sales_sv
-- ;;
DESC DYNAMIC TABLE marts.d_orders
-- ;;
EXPLAIN USING JSON SELECT c.name, SUM(o.total) FROM customers c JOIN orders o ON o.cid = c.id GROUP BY c.name
-- ;;
EXPLAIN WITH a AS (SELECT 1 AS x) SELECT * FROM a
-- ;;
WITH RECURSIVE org (id, parent_id, name, lvl, path) AS (SELECT id, manager_id, name, 1, ARRAY_CONSTRUCT(id) FROM emp WHERE manager_id IS NULL UNION ALL SELECT e.id, e.manager_id, e.name, o.lvl + 1, ARRAY_APPEND(o.path, e.id) FROM emp e JOIN org o ON e.manager_id = o.id WHERE o.lvl < 10) SELECT LPAD(' ', lvl * 2) || name AS n, path FROM org ORDER BY path
-- ;;
SELECT SYS_CONNECT_BY_PATH(title, ' -> '), LEVEL, CONNECT_BY_ROOT title AS root FROM emp START WITH title = 'President' CONNECT BY manager_id = PRIOR id
-- ;;
SELECT SYS_CONNECT_BY_PATH(title, '/'), LEVEL FROM emp START WITH title = 'President' CONNECT BY manager_id = PRIOR id
-- ;;
SELECT DATEADD(day, SEQ4(), '2024-01-01'::DATE) AS d FROM TABLE(GENERATOR(ROWCOUNT => 366)) ORDER BY d
-- ;;
WITH spine AS (SELECT DATEADD('hour', ROW_NUMBER() OVER (ORDER BY NULL) - 1, DATE_TRUNC('day', SYSDATE())) AS h FROM TABLE(GENERATOR(ROWCOUNT => 24))) SELECT s.h, COALESCE(COUNT(e.id), 0) AS n FROM spine s LEFT JOIN events e ON e.ts >= s.h AND e.ts < DATEADD('hour', 1, s.h) GROUP BY s.h
-- ;;
SELECT UNIFORM(1, 10, RANDOM(42)), RANDSTR(8, RANDOM()), ZIPF(1, 10, RANDOM()), NORMAL(0, 1, RANDOM()) FROM TABLE(GENERATOR(ROWCOUNT => 5, TIMELIMIT => 1)) v
-- ;;
SELECT w.value::STRING AS word, COUNT(*) FROM docs, TABLE(SPLIT_TO_TABLE(LOWER(body), ' ')) w WHERE LENGTH(w.value) > 3 GROUP BY 1 ORDER BY 2 DESC LIMIT 100
-- ;;
SELECT warehouse_name, SUM(credits_used) FROM SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY WHERE start_time >= DATEADD('day', -30, CURRENT_TIMESTAMP()) GROUP BY 1 ORDER BY 2 DESC
-- ;;
SELECT query_id, total_elapsed_time / 1000 AS s, SUBSTR(query_text, 1, 80) FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_WAREHOUSE(WAREHOUSE_NAME => 'WH', END_TIME_RANGE_START => DATEADD('hour', -4, CURRENT_TIMESTAMP()), RESULT_LIMIT => 100)) ORDER BY 2 DESC
-- ;;
SELECT * FROM TABLE(analytics.INFORMATION_SCHEMA.TASK_HISTORY(SCHEDULED_TIME_RANGE_START => DATEADD('day', -1, CURRENT_TIMESTAMP()), TASK_NAME => 'LOAD'))
-- ;;
SELECT table_name, column_name, data_type FROM analytics.INFORMATION_SCHEMA.COLUMNS WHERE table_schema = 'MARTS' AND data_type IN ('VARIANT', 'ARRAY') ORDER BY table_name, ordinal_position
-- ;;
SELECT CASE WHEN GROUPING(region) = 1 THEN 'Total' ELSE region END AS region, SUM(CASE WHEN channel = 'web' THEN total END) AS web, SUM(IFF(channel = 'app', total, 0)) AS app, DIV0(SUM(total), COUNT(*)) FROM orders GROUP BY ROLLUP (region)
-- ;;
SELECT CASE region WHEN 'EU' THEN 1 WHEN 'US' THEN 2 ELSE 3 END, DECODE(status, 'A', 'active', NULL, 'none', 'other'), NVL2(x, 1, 0), ZEROIFNULL(y), NULLIFZERO(z), EQUAL_NULL(a, b), a IS DISTINCT FROM b FROM t
-- ;;
SELECT REGEXP_SUBSTR(url, '^https?://([^/]+)', 1, 1, 'e', 1) AS host, REGEXP_REPLACE(phone, '[^0-9]', ''), url RLIKE '.*utm_.*', SPLIT_PART(url, '?', 2), PARSE_URL(url):parameters:utm_source::STRING FROM visits
-- ;;
SELECT REGEXP_LIKE(x, $$^\d{3}-\d{4}$$), REGEXP_COUNT(x, '\\d'), REGEXP_INSTR(x, $$[;']$$) FROM t
-- ;;
SELECT TO_CHAR(ts, 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM'), CONVERT_TIMEZONE('UTC', 'Europe/Berlin', ts), DATE_PART(epoch_millisecond, ts), EXTRACT(isoweek FROM ts), TIME_SLICE(ts, 15, 'MINUTE', 'START') FROM t
-- ;;
SELECT DATE '2024-01-01' + INTERVAL '1 year, 3 quarters, 4 months', TIMESTAMP '2024-01-01 00:00:00', TIME '10:00:00', INTERVAL '1' DAY
-- ;;
SELECT LAST_DAY(d, 'quarter'), NEXT_DAY(d, 'mo'), ADD_MONTHS(d, 3), MONTHS_BETWEEN(a, b), DAYNAME(d), YEAROFWEEKISO(d), DATE_FROM_PARTS(2024, 1, 31), TIMEDIFF('second', a, b) FROM t
-- ;;
SELECT LISTAGG(DISTINCT name, ', ') WITHIN GROUP (ORDER BY name DESC) AS names, ARRAY_AGG(DISTINCT id) WITHIN GROUP (ORDER BY id), ARRAY_UNIQUE_AGG(tag), OBJECT_AGG(k, v) FROM t GROUP BY g
-- ;;
SELECT MAX_BY(name, total, 3), MIN_BY(name, total), ANY_VALUE(region), BOOLAND_AGG(ok), BITOR_AGG(flags), KURTOSIS(x), SKEW(x), CORR(x, y), REGR_SLOPE(y, x), STDDEV_POP(x), VAR_SAMP(x) FROM t
-- ;;
SELECT HLL(user_id), APPROX_COUNT_DISTINCT(user_id), HLL_ESTIMATE(HLL_COMBINE(HLL_ACCUMULATE(user_id))), APPROX_TOP_K(sku, 10)[0][1]::INT, MINHASH(100, *) FROM t
-- ;;
SELECT a.id FROM a LEFT OUTER JOIN b ON a.id = b.id FULL OUTER JOIN c ON b.id = c.id RIGHT JOIN d USING (id) CROSS JOIN e
-- ;;
SELECT * FROM a INNER JOIN (b LEFT JOIN c ON b.x = c.x) ON a.id = b.id
-- ;;
SELECT d.name, e.* FROM departments d, LATERAL (SELECT * FROM employees e WHERE e.dept = d.id ORDER BY salary DESC LIMIT 3) e
-- ;;
SELECT d.name FROM departments d LEFT JOIN LATERAL (SELECT MAX(salary) AS m FROM employees e WHERE e.dept = d.id) x ON TRUE
-- ;;
SELECT id FROM a UNION ALL BY NAME SELECT id, extra FROM b
-- ;;
(SELECT id FROM a INTERSECT SELECT id FROM b) UNION (SELECT id FROM c EXCEPT SELECT id FROM d) ORDER BY 1 LIMIT 10 OFFSET 20
-- ;;
SELECT id, total FROM orders WHERE (region, status) IN (SELECT region, status FROM targets) AND total > ALL (SELECT avg_total FROM bench) AND EXISTS (SELECT 1 FROM c WHERE c.id = orders.cid)
-- ;;
SELECT SUM(total) total, COUNT(*) AS "Count (all)", AVG(total)::NUMBER(12, 2) "Ø total" FROM orders o
-- ;;
SELECT o.id, 1 AS date, 2 AS value, 3 AS type, 4 AS level, 5 AS name, 6 AS timestamp, 7 AS year, 8 AS first, 9 AS last, 10 AS rank, 11 AS count FROM t o
-- ;;
SELECT date, value, type, status, name, key, index, year, month, day, hour, row_number, source, target, comment, location, owner FROM metrics
-- ;;
SELECT delta, total - LAG(total) OVER (ORDER BY date) AS diff, total / NULLIF(LAG(total) OVER (ORDER BY date), 0) - 1 AS growth FROM daily
-- ;;
SELECT total > 100 AS big, region || '-' || product AS key, total * 1e-2, -total, +total, total % 7, NOT flag, a AND NOT b OR c FROM t
-- ;;
SELECT TOP 5 * FROM t ORDER BY random()
-- ;;
SELECT DISTINCT ON_TIME, LATE FROM shipments
-- ;;
SELECT * FROM t ORDER BY ALL DESC NULLS LAST
-- ;;
SELECT * FROM t ORDER BY 1 DESC, total ASC NULLS FIRST FETCH FIRST 10 ROWS ONLY
-- ;;
SELECT * FROM t LIMIT 10 OFFSET 5
-- ;;
SELECT * FROM t LIMIT NULL OFFSET 0
-- ;;
SELECT * FROM t OFFSET 10 ROWS FETCH NEXT 5 ROWS
-- ;;
SELECT t.region, t.total FROM IDENTIFIER_MAP t WHERE t.identifier = 'x'
-- ;;
SELECT PARSE_JSON('{"a": {"b": [1, 2]}}'):a.b[1]::INT, TO_JSON(v), v:a IS NULL, IS_NULL_VALUE(v:a), TYPEOF(v:a), STRIP_NULL_VALUE(v:a), OBJECT_KEYS(v), AS_INTEGER(v:x) FROM t
-- ;;
SELECT ARRAY_SIZE(a), ARRAY_CONTAINS('x'::VARIANT, a), ARRAY_INTERSECTION(a, b), ARRAYS_OVERLAP(a, b), ARRAY_TO_STRING(ARRAY_SORT(a), ','), ARRAY_SLICE(a, 0, 2), ARRAY_MAX(a), ARRAY_DISTINCT(a), ARRAY_GENERATE_RANGE(1, 5), ARRAY_FLATTEN(c) FROM t
-- ;;
SELECT XMLGET(x, 'item'):"$"::STRING, PARSE_XML(s):"@" FROM xmls
-- ;;
SELECT f.value:"$"::STRING FROM xmls, LATERAL FLATTEN(x:"$") f
-- ;;
SELECT SHA2(email, 256), MD5(LOWER(TRIM(email))), HEX_ENCODE(b), BASE64_ENCODE(b), TO_BINARY('ff', 'HEX'), X'FF' FROM t
-- ;;
SELECT CURRENT_ROLE(), CURRENT_WAREHOUSE(), IS_ROLE_IN_SESSION('ANALYST'), CURRENT_AVAILABLE_ROLES(), CURRENT_SCHEMAS()
-- ;;
SELECT INITCAP(name), SOUNDEX(name), EDITDISTANCE(a, b), JAROWINKLER_SIMILARITY(a, b), TRANSLATE(a, 'x', 'y'), CHARINDEX('a', b), INSERT(a, 1, 2, 'x'), LEFT(a, 3), RIGHT(a, 3), REPEAT('a', 3), COLLATE(a, 'en-ci') FROM t WHERE a COLLATE 'en-ci' = 'b'
-- ;;
SELECT BITAND(a, b), BITSHIFTLEFT(a, 1), FLOOR(a, 1), CEIL(a, 2), TRUNC(a, 1), ROUND(a, 2, 'HALF_TO_EVEN'), WIDTH_BUCKET(a, 0, 100, 10), SQRT(a), LN(a), LOG(10, a), POWER(a, 2), GREATEST(a, b), LEAST_IGNORE_NULLS(a, b), HAVERSINE(1, 2, 3, 4) FROM t
-- ;;
SELECT SEARCH((title, body), 'snow', ANALYZER => 'DEFAULT_ANALYZER', SEARCH_MODE => 'AND') FROM docs
-- ;;
SELECT SEARCH_IP(ip, '10.0.0.0/8') FROM logs
-- ;;
SELECT GET_DDL('VIEW', 'analytics.marts.v_orders', TRUE)
-- ;;
SELECT NTH_VALUE(x, 2) FROM FIRST IGNORE NULLS OVER (PARTITION BY g ORDER BY ts) FROM t
-- ;;
SELECT user_id, ARRAY_AGG(event) WITHIN GROUP (ORDER BY ts) OVER (PARTITION BY user_id) AS journey FROM events
-- ;;
SELECT INTERPOLATE_FFILL(x) OVER (PARTITION BY id ORDER BY ts), INTERPOLATE_LINEAR(x) OVER (PARTITION BY id ORDER BY ts) FROM s
-- ;;
SELECT * FROM readings RESAMPLE (USING ts INCREMENT BY INTERVAL '5 minutes' PARTITION BY sensor)
-- ;;
SELECT o.id FROM orders o, customers c WHERE o.cid = c.id(+) AND c.region(+) = 'EU'
-- ;;
SELECT "Order ID", "größe", "価格" FROM "My Schema"."Sales 2024" WHERE "größe" > 1
-- ;;
SELECT größe, prix_été FROM ventes_été WHERE größe > 1
-- ;;
SELECT 'O''Brien', 'tab\there', 'emoji 🎉', $$raw ' text$$, 'path C:\\dir', '-- no comment', '/* nor this */', ';'
-- ;;
SELECT 1 AS "a;b", 2 AS "--", 3 AS "/*"
-- ;;
SELECT /* total; per day */ COUNT(*) -- drop table later?
FROM orders // legacy comment
WHERE note <> 'delete from x; drop table y' /* end */;
-- ;;
SELECT
	id,
	total
FROM
	orders
WHERE
	1 = 1
	AND created_at::DATE = CURRENT_DATE - 1
	AND region = 'EU'
;
-- ;;
WITH dedup AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY id ORDER BY updated_at DESC) AS rn FROM raw.public.update_log) SELECT * EXCLUDE rn FROM dedup WHERE rn = 1
-- ;;
WITH update_stats AS (SELECT 1 AS set_count), delete_log AS (SELECT 2 AS drop_rate) SELECT u.set_count, d.drop_rate, call_duration, grant_amount, copy_number FROM update_stats u, delete_log d, calls
-- ;;
SELECT call, copy, merge, comment, execute, remove, put, list, use, show, begin, commit FROM words
-- ;;
SELECT t.update, t.delete, t.set, t."create" FROM t
-- ;;
SELECT a.id, (a.put) AS p, (a.call + 1) AS c, COUNT(merge) FROM a
-- ;;
WITH funnel AS (SELECT user_id, MAX(IFF(event = 'view', 1, 0)) AS v, MAX(IFF(event = 'cart', 1, 0)) AS c, MAX(IFF(event = 'buy', 1, 0)) AS b FROM events WHERE ts::DATE BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY user_id) SELECT SUM(v) AS views, SUM(c) AS carts, SUM(b) AS buys, SUM(b) / NULLIF(SUM(v), 0)::FLOAT AS cr FROM funnel
-- ;;
WITH rfm AS (SELECT customer_id, DATEDIFF(day, MAX(ordered_at), CURRENT_DATE) AS r, COUNT(*) AS f, SUM(total) AS m FROM orders GROUP BY customer_id), scored AS (SELECT *, NTILE(5) OVER (ORDER BY r DESC) AS rs, NTILE(5) OVER (ORDER BY f) AS fs, NTILE(5) OVER (ORDER BY m) AS ms FROM rfm) SELECT CONCAT(rs, fs, ms) AS segment, COUNT(*) FROM scored GROUP BY 1 HAVING COUNT(*) > 10
-- ;;
WITH islands AS (SELECT id, d, DATEADD(day, -ROW_NUMBER() OVER (PARTITION BY id ORDER BY d), d) AS grp FROM logins) SELECT id, MIN(d) AS start, MAX(d) AS "end", COUNT(*) AS days FROM islands GROUP BY id, grp QUALIFY days = MAX(days) OVER (PARTITION BY id)
-- ;;
SELECT * FROM (SELECT * FROM (SELECT * FROM (SELECT id, total FROM orders WHERE total > 0) AS a) AS b) AS c WHERE c.total < 10
-- ;;
SELECT SUM(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate, o_shippriority FROM snowflake_sample_data.tpch_sf1.customer, snowflake_sample_data.tpch_sf1.orders, snowflake_sample_data.tpch_sf1.lineitem WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey AND o_orderdate < DATE '1995-03-15' GROUP BY l_orderkey, o_orderdate, o_shippriority ORDER BY revenue DESC LIMIT 10
-- ;;
SELECT 100.00 * SUM(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END) / SUM(l_extendedprice * (1 - l_discount)) AS promo FROM lineitem, part WHERE l_partkey = p_partkey AND l_shipdate >= TO_DATE('1995-09-01') AND l_shipdate < DATEADD(month, 1, TO_DATE('1995-09-01'))
-- ;;
SELECT * FROM db1.public.t1 JOIN db2..t2 ON t1.id = t2.id
-- ;;
SELECT $1, $2 FROM (SELECT 1, 2)
-- ;;
SELECT t.$1 AS a, t.$2 AS b FROM (VALUES (1, 'x')) AS t
-- ;;
SELECT * FROM orders WHERE id = ? AND region = :1 AND total > :min_total
-- ;;
SELECT GETVARIABLE('REGION'), $region
-- ;;
SELECT a:b:c::INT, a:"b c".d, a['x'][0]:y, a:b[0]['c'] FROM t
-- ;;
SELECT v:items[0]:price::FLOAT + v:items[1].price::FLOAT AS s FROM t
-- ;;
SELECT id::STRING || ':' || name::STRING, -1::INT, (a + b)::NUMBER(38, 10), '2024'::INT + 1 FROM t
-- ;;
SELECT CAST('1' AS INTEGER), '1'::DOUBLE PRECISION, 'x'::CHAR VARYING(10), x::TIMESTAMP_NTZ(9), y::TIME(3), z::VARIANT, b::BINARY(8), g::GEOMETRY, d::DECFLOAT FROM t
-- ;;
SELECT DATE_TRUNC(week, ts) AS wk, COUNT(DISTINCT user_id, device_id) FROM events GROUP BY wk
-- ;;
SELECT COUNT(*) OVER () AS total_rows, * FROM t LIMIT 100
-- ;;
SELECT grade, score FROM results GROUP BY grade, score HAVING score = MAX(score) ORDER BY ALL
-- ;;
SELECT o.id FROM orders o WHERE o.total > (SELECT AVG(i.total) FROM orders i WHERE i.region = o.region)
-- ;;
SELECT DISTINCT t.region, t.* EXCLUDE (region) FROM t AS t
-- ;;
SELECT seq.value FROM t AS seq, LATERAL SPLIT_TO_TABLE(seq.csv, ',') AS parts
-- ;;
SELECT s.index, s.value FROM t, LATERAL STRTOK_SPLIT_TO_TABLE(t.a, '.') s ORDER BY s.seq, s.index
-- ;;
SELECT DIRECTION, DIRECTED FROM graph WHERE direction IN ('in', 'out')
-- ;;
SELECT ARRAY_CONSTRUCT(1, 2, 3), [1, 2], {'a': 1}, FROM t
-- ;;
SELECT * FROM a DIRECTED JOIN b ON a.id = b.id
-- ;;
SELECT TO_VARCHAR(1234.5, '9,999.00'), TO_NUMBER('$1,234.50', '$9,999.99'), TRY_TO_DECIMAL('x', 10, 2), TO_DOUBLE('1e3') FROM t
-- ;;
SELECT TAG_NAME FROM SNOWFLAKE.ACCOUNT_USAGE.TAG_REFERENCES WHERE tag_name = 'PII'
-- ;;
SELECT EXPLODE_DATE, UNNEST_ID FROM t
-- ;;
SELECT 'a' AS x, COUNT(*) c FROM t1 UNION ALL SELECT 'b', COUNT(*) FROM t2 UNION ALL SELECT 'c', COUNT(*) FROM t3 ORDER BY x
-- ;;
VALUES (1, 'a'), (2, 'b') ORDER BY 1
-- ;;
WITH p AS (SELECT * FROM sales PIVOT (SUM(amt) FOR m IN ('JAN', 'FEB'))) SELECT "'JAN'", "'FEB'", "'JAN'" + "'FEB'" AS t FROM p
-- ;;
SELECT MIN(ts)::DATE AS from_date, MAX(ts)::DATE AS to_date FROM events GROUP BY ()
-- ;;
SELECT product, SUM(qty) FILTER_QTY FROM t GROUP BY product
-- ;;
SELECT DATEDIFF(day, a.start_at, COALESCE(a.end_at, SYSDATE())) AS days, YEAR(a.start_at), QUARTER(a.start_at), WEEKISO(a.start_at) FROM a
-- ;;
SELECT TO_DATE(v:date::STRING), DATE(v:ts::TIMESTAMP), v:n::NUMBER(38, 0) FROM raw
-- ;;
SELECT CURRENT_TIMESTAMP(3), LOCALTIMESTAMP, CURRENT_TIME(0), SYSDATE()
-- ;;
SELECT x FROM t WHERE x REGEXP '^a.*' AND y NOT RLIKE 'b' AND z NOT ILIKE '%c%' AND w IS NOT TRUE
-- ;;
SELECT INTERVAL '1-2' YEAR TO MONTH AS i, ts + INTERVAL '3 hours 20 minutes' FROM t
-- ;;
SELECT * FROM TABLE("My Db".INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10))
-- ;;
SELECT query_id FROM TABLE("ANALYTICS".INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE error_code IS NOT NULL
-- ;;
SELECT a.id, b.v FROM a INNER JOIN b USING (id) WHERE b.v > ALL (SELECT v FROM c) OR a.id = ANY (SELECT id FROM d)
-- ;;
SELECT (a, b) IN ((1, 2), (3, 4)) FROM t WHERE (x, y) NOT IN (SELECT x, y FROM u)
-- ;;
SELECT 1e10::DECFLOAT AS d, '12.5'::DECFLOAT, TO_DECFLOAT('1e-10')
-- ;;
WITH t (a, b) AS (SELECT * FROM VALUES (1, 'x'), (2, 'y')) SELECT t.a, t.b FROM t ORDER BY ALL DESC NULLS LAST
-- ;;
SELECT region, SUM(sales) FROM t GROUP BY ALL HAVING SUM(sales) > (SELECT AVG(s) FROM u) ORDER BY 2 DESC LIMIT 10 OFFSET 5
-- ;;
SELECT DATE_TRUNC('WEEK', ts)::DATE AS wk, COUNT(DISTINCT CASE WHEN kind = 'buy' THEN user_id END) * 100.0 / NULLIF(COUNT(DISTINCT user_id), 0) AS cr FROM ev WHERE ts >= '2026-01-01'::TIMESTAMP_NTZ GROUP BY 1
-- ;;
SELECT u.id, LISTAGG(DISTINCT r.name, ' | ') WITHIN GROUP (ORDER BY r.name) roles FROM users u LEFT JOIN LATERAL (SELECT name FROM user_roles ur WHERE ur.uid = u.id) r ON TRUE GROUP BY u.id
-- ;;
SELECT value:name::STRING n, value:"unit price"::NUMBER(10,2) p FROM orders, TABLE(FLATTEN(INPUT => doc:lines, OUTER => TRUE))
-- ;;
SELECT * FROM (SELECT k, v FROM kv) PIVOT (MAX(v) FOR k IN (ANY ORDER BY k)) ORDER BY 1
-- ;;
SELECT * FROM kv PIVOT (MAX(v) FOR k IN ('a' AS ka, 'b' AS kb) DEFAULT ON NULL ('none')) AS p
-- ;;
SELECT m, v FROM wide UNPIVOT INCLUDE NULLS (v FOR m IN (jan AS 'January', feb AS 'February'))
-- ;;
SELECT t.*, RATIO_TO_REPORT(x) OVER (PARTITION BY g) AS r, SUM(x) OVER (PARTITION BY g ORDER BY d ROWS UNBOUNDED PRECEDING) FROM t
-- ;;
SELECT id FROM t QUALIFY COUNT(*) OVER (PARTITION BY email) > 1 AND ROW_NUMBER() OVER (PARTITION BY email ORDER BY ts) = 1
-- ;;
SELECT ARRAY_AGG(OBJECT_CONSTRUCT('id', id, 'tags', tags)) WITHIN GROUP (ORDER BY id) FROM t
-- ;;
SELECT FILTER(tags, t -> t ILIKE '%x%'), TRANSFORM(nums, n INT -> n * 2), REDUCE(nums, 0, (acc, n) -> acc + n) FROM t
-- ;;
SELECT * FROM events AT (TIMESTAMP => DATEADD('hour', -1, CURRENT_TIMESTAMP())) e JOIN events BEFORE (STATEMENT => '01b2c3d4-0000-1111-0000-000000000001') o USING (id)
-- ;;
SELECT METADATA$ACTION, * FROM t CHANGES (INFORMATION => APPEND_ONLY) BEFORE (OFFSET => -3600) END (OFFSET => -60)
-- ;;
SELECT * FROM s SAMPLE BLOCK (3) SEED (1) WHERE x IS NOT NULL
-- ;;
SELECT * FROM s TABLESAMPLE (1000 ROWS)
-- ;;
SELECT a, GROUPING(a), COUNT(*) FROM t GROUP BY GROUPING SETS ((a), ()) ORDER BY GROUPING(a)
-- ;;
SELECT LEVEL, SYS_CONNECT_BY_PATH(name, '/'), CONNECT_BY_ROOT name FROM emp START WITH mgr IS NULL CONNECT BY PRIOR id = mgr ORDER BY 1
-- ;;
SELECT APPROX_COUNT_DISTINCT(a), APPROX_TOP_K(b, 3), HLL(c), MINHASH(10, d), CORR(x, y), REGR_SLOPE(y, x) FROM t
-- ;;
SELECT TRY_TO_NUMBER(a, '999.99', 10, 2), TRY_TO_TIMESTAMP_TZ(b, 'YYYY-MM-DD HH24:MI:SS TZH:TZM'), TO_CHAR(c, '999,999.00') FROM t
-- ;;
SELECT 'it''s', 'a\tb', $$raw 'text' \n$$, 'ünïcode 😀', "quoted ""col""" FROM "My Schema"."My Table"
-- ;;
SELECT v:a.b[0].c::STRING, v['x']['y'], v:"a b".c, v:x:y::INT, PARSE_JSON(j):k FROM t WHERE v:n > 3 AND v:s::STRING LIKE 'a%'
-- ;;
SELECT o.k, o.v FROM t, LATERAL FLATTEN(v, RECURSIVE => TRUE, MODE => 'OBJECT') AS o (s, k, p, i, v, th)
-- ;;
SELECT ST_DISTANCE(a.g, b.g) d, ST_ASTEXT(a.g) FROM a, b WHERE ST_DWITHIN(a.g, b.g, 100) AND H3_LATLNG_TO_CELL(1.0, 2.0, 8) = b.h
-- ;;
SELECT id, VECTOR_COSINE_SIMILARITY(e, [0.1, 0.2]::VECTOR(FLOAT, 2)) s FROM docs ORDER BY s DESC LIMIT 3
-- ;;
SELECT {'a': 1}::OBJECT(a NUMBER), [1, 2]::ARRAY(NUMBER NOT NULL), {'k': 1}::MAP(VARCHAR, NUMBER)['k'], MAP_KEYS(m) FROM t
-- ;;
SHOW TABLES IN SCHEMA db.s ->> SELECT "name", "rows" FROM $1 WHERE "rows" > 0 ORDER BY 2 DESC ->> SELECT COUNT(*) FROM $1
-- ;;
SHOW COLUMNS IN TABLE db.s.t ->> SELECT "column_name", PARSE_JSON("data_type"):type::STRING FROM $1
-- ;;
SHOW WAREHOUSES ->> SELECT "name" FROM $1 WHERE "state" = 'STARTED'
-- ;;
SELECT * FROM SEMANTIC_VIEW(db.s.sv DIMENSIONS c.region AS r METRICS o.revenue WHERE c.region IN ('EU', 'US')) ORDER BY r
-- ;;
SELECT region, AGG(revenue) FROM db.s.sv GROUP BY region
-- ;;
SELECT * FROM db.INFORMATION_SCHEMA.TABLES WHERE table_schema ILIKE 'mart%' AND row_count > 1e6
-- ;;
SELECT DATEDIFF('day', a, b), LAST_DAY(a, 'month'), NEXT_DAY(a, 'Friday'), TIME_SLICE(ts, 15, 'MINUTE', 'START'), MONTHS_BETWEEN(a, b), DAYNAME(a) FROM t
-- ;;
SELECT CONVERT_TIMEZONE('UTC', 'Europe/Berlin', ts), TO_TIMESTAMP_LTZ(1700000000), EXTRACT(EPOCH_SECOND FROM ts), DATE_PART(dow, ts) FROM t
-- ;;
SELECT * EXCLUDE (ssn, dob) REPLACE (UPPER(city) AS city) RENAME (nm AS name) FROM people
-- ;;
SELECT * ILIKE '%id%' FROM t
-- ;;
SELECT OBJECT_CONSTRUCT(* EXCLUDE a) FROM t
-- ;;
SELECT COUNT_IF(a > 1), MAX_BY(a, b), MIN_BY(a, b, 3), MODE(c), KURTOSIS(d), BOOLAND_AGG(e), BITOR_AGG(f), ANY_VALUE(g) FROM t
-- ;;
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x), PERCENTILE_DISC(0.9) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY g) FROM t
-- ;;
SELECT LAG(x, 1, 0) IGNORE NULLS OVER (ORDER BY d), NTH_VALUE(x, 2) FROM FIRST OVER (ORDER BY d), FIRST_VALUE(x) RESPECT NULLS OVER (ORDER BY d) FROM t
-- ;;
SELECT SUM(x) OVER (ORDER BY d RANGE BETWEEN INTERVAL '7 days' PRECEDING AND CURRENT ROW) FROM t
-- ;;
SELECT CONDITIONAL_CHANGE_EVENT(x) OVER (PARTITION BY a ORDER BY b), CONDITIONAL_TRUE_EVENT(x > 1) OVER (ORDER BY b) FROM t
-- ;;
SELECT REGEXP_SUBSTR(a, '([a-z]+)', 1, 1, 'ie', 1), REGEXP_REPLACE(a, '\\d', '#'), a RLIKE '^x.*', a REGEXP 'y', SPLIT_PART(a, '-', -1), STRTOK(a, ' ', 2) FROM t
-- ;;
SELECT * FROM t WHERE a LIKE ANY ('x%', 'y%') OR a ILIKE ALL ('%1%', '%2%') ESCAPE '!' OR a NOT LIKE 'z' OR CONTAINS(a, 'q') OR STARTSWITH(a, 'w')
-- ;;
SELECT a IS DISTINCT FROM b, a IS NOT DISTINCT FROM c, EQUAL_NULL(a, b), a IS TRUE, NOT a IS NULL FROM t
-- ;;
SELECT IFF(a, 1, 0), NVL2(a, b, c), ZEROIFNULL(a), DIV0NULL(a, b), GREATEST_IGNORE_NULLS(a, b), DECODE(a, 1, 'x', 'y'), COALESCE(a, b) FROM t
-- ;;
WITH RECURSIVE r (n, p) AS (SELECT 1, ARRAY_CONSTRUCT(1) UNION ALL SELECT n + 1, ARRAY_APPEND(p, n + 1) FROM r WHERE n < 10) SELECT * FROM r
-- ;;
WITH a AS (SELECT 1 AS x), b AS (WITH c AS (SELECT x FROM a) SELECT * FROM c) SELECT * FROM a NATURAL JOIN b
-- ;;
SELECT x FROM a UNION ALL BY NAME SELECT x FROM b EXCEPT SELECT x FROM c INTERSECT SELECT x FROM d
-- ;;
(SELECT 1 AS a UNION SELECT 2) ORDER BY a LIMIT 1
-- ;;
SELECT * FROM a FULL OUTER JOIN b ON a.k = b.k AND a.d BETWEEN b.f AND b.t CROSS JOIN c
-- ;;
SELECT a.k, b.v FROM a, b WHERE a.k = b.k(+) AND b.d(+) > 1
-- ;;
SELECT a.*, b.bid FROM trades a ASOF JOIN quotes b MATCH_CONDITION (a.ts >= b.ts) ON a.sym = b.sym WHERE b.bid IS NOT NULL
-- ;;
SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY u ORDER BY ts MEASURES FINAL LAST(ts) AS e, COUNT(*) AS n, CLASSIFIER() AS c ALL ROWS PER MATCH OMIT EMPTY MATCHES AFTER MATCH SKIP TO NEXT ROW PATTERN (a+ b{1,3}? (c | d)) DEFINE a AS x > LAG(x), b AS x < 0)
-- ;;
SELECT column1, column2 FROM VALUES (1, DATE '2026-01-01'), (2, TIMESTAMP '2026-01-01 00:00:00')
-- ;;
SELECT t.$1, t.$2 FROM VALUES (1, 2), (3, 4) AS t
-- ;;
SELECT SEQ4() AS n, DATEADD(day, SEQ4(), '2026-01-01'::DATE) d, UNIFORM(1, 10, RANDOM(1)) FROM TABLE(GENERATOR(ROWCOUNT => 365)) ORDER BY 1
-- ;;
SELECT s.index, s.value FROM t, LATERAL SPLIT_TO_TABLE(t.a, ',') s, TABLE(STRTOK_SPLIT_TO_TABLE(t.b, ';')) u
-- ;;
SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_DATABASE(), CURRENT_AVAILABLE_ROLES(), IS_ROLE_IN_SESSION('ANALYST'), CURRENT_REGION()
-- ;;
SELECT SYSTEM$TYPEOF(a), TYPEOF(v), IS_INTEGER(v), AS_VARCHAR(v), STRIP_NULL_VALUE(v), OBJECT_KEYS(o), GET_PATH(v, 'a.b[0]'), XMLGET(PARSE_XML(x), 'a'):"$" FROM t
-- ;;
SELECT SYSTEM$CLUSTERING_INFORMATION('db.s.t', '(a, b)'), GET_DDL('VIEW', 'db.s.v', TRUE)
-- ;;
SELECT HASH_AGG(*), MD5(a), SHA2(b, 256), BASE64_ENCODE(c), HEX_ENCODE(d), TO_BINARY(e, 'UTF-8'), UUID_STRING() FROM t GROUP BY ALL
-- ;;
SELECT BITAND(a, 1), BITSHIFTLEFT(a, 2), a % 3, MOD(a, 4), SQUARE(a), CBRT(a), WIDTH_BUCKET(a, 0, 100, 10), HAVERSINE(1, 2, 3, 4), TRUNC(a, 2), ROUND(a, 1, 'HALF_TO_EVEN') FROM t
-- ;;
SELECT ARRAY_SORT(a), ARRAY_DISTINCT(a), ARRAY_FLATTEN(b), ARRAYS_ZIP(a, b), ARRAY_GENERATE_RANGE(1, 5), ARRAY_CONTAINS('x'::VARIANT, a), ARRAY_POSITION(1, a), ARRAY_TO_STRING(a, ',') FROM t
-- ;;
SELECT warehouse_name, DATE_TRUNC('day', start_time)::DATE d, SUM(credits_used) c FROM SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY WHERE start_time > DATEADD('day', -30, CURRENT_DATE) GROUP BY 1, 2
-- ;;
SELECT query_type, COUNT(*), AVG(total_elapsed_time) / 1000 FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_WAREHOUSE('WH', END_TIME_RANGE_START => DATEADD('hour', -2, CURRENT_TIMESTAMP()))) GROUP BY 1
-- ;;
SELECT * FROM TABLE(db.INFORMATION_SCHEMA.DYNAMIC_TABLE_REFRESH_HISTORY(NAME_PREFIX => 'DB.S.', ERROR_ONLY => TRUE))
-- ;;
SELECT * FROM TABLE(INFORMATION_SCHEMA.TAG_REFERENCES('db.s.t', 'TABLE')) UNION ALL SELECT * FROM TABLE(INFORMATION_SCHEMA.TAG_REFERENCES_ALL_COLUMNS('db.s.u', 'TABLE'))
-- ;;
DESCRIBE VIEW db.s."My View"
-- ;;
DESC TABLE db.s.t TYPE = COLUMNS
-- ;;
SHOW TERSE SCHEMAS LIKE 'ana%' IN DATABASE db STARTS WITH 'ANA' LIMIT 10 FROM 'ANA'
-- ;;
SHOW GRANTS ON TABLE db.s.t
-- ;;
SHOW DYNAMIC TABLES LIKE 'x%' IN SCHEMA db.s
-- ;;
SHOW PARAMETERS LIKE 'QUERY%' IN SESSION
-- ;;
SHOW FUNCTIONS LIKE 'SQUARE'
-- ;;
SHOW PRIMARY KEYS IN TABLE db.s.t
-- ;;
SELECT -- a comment; with a semicolon
  a /* and another; one */ , 'text -- no comment' AS b // the end
FROM t
-- ;;
SELECT "select", "from", "drop" FROM "delete" AS "update"
-- ;;
SELECT t.end, t.begin, t.date, t.value, t.type, t.status, t.name, t.comment, t.role, t.user_id FROM t
-- ;;
SELECT delete_flag, update_ts, insert_id, merge_key, created_by, dropped, call_id, grants FROM audit_log
-- ;;
SELECT COUNT(*) FROM t WHERE note = 'DROP TABLE x; DELETE FROM y' AND cmd IN ('INSERT', 'CALL p()')
-- ;;
SELECT SUM(IFF(MONTH(d) = 1, x, NULL)) AS jan FROM t
-- ;;
SELECT id, INTERPOLATE_LINEAR(v) OVER (PARTITION BY s ORDER BY t) FROM m
-- ;;
SELECT TOP 5 a FROM t ORDER BY a
-- ;;
SELECT DISTINCT a, b FROM t ORDER BY a NULLS FIRST FETCH NEXT 5 ROWS ONLY
-- ;;
SELECT CAST(a AS TIMESTAMP_TZ(9)), a::TIME(0), CAST(b AS NUMBER), CAST(c AS DOUBLE PRECISION), TRY_CAST(d AS BOOLEAN), e::CHAR(3), f::VARBINARY(10), g::GEOGRAPHY FROM t
-- ;;
SELECT ENCRYPT(a, 'k'), DECRYPT(ENCRYPT('x', 'p'), 'p'), COMPRESS('a', 'SNAPPY'), DECOMPRESS_STRING(b, 'GZIP') FROM t
-- ;;
SELECT RANK() OVER (ORDER BY SUM(x) DESC), NTILE(4) OVER (ORDER BY SUM(x)), CUME_DIST() OVER (ORDER BY SUM(x)), PERCENT_RANK() OVER (ORDER BY SUM(x)) FROM t GROUP BY g
-- ;;
SELECT SEARCH((title, body), 'snow -flake', ANALYZER => 'DEFAULT_ANALYZER') FROM docs WHERE SEARCH_IP(ip, '10.0.0.0/8')
-- ;;
SELECT col AS "naïve", "größe" / 2 AS halb, Straße, naïve_col, δ FROM übersicht AS ü WHERE ü.größe > 1
-- ;;
SELECT x'48656C6C6F', X'00ff', TO_VARCHAR(x'41', 'UTF-8')
-- ;;
SELECT .5, 5., 1e-3, 1E+5, -1, +2
