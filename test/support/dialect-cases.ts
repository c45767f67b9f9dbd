/**
 * Snowflake queries with the results Snowflake documents: cells in wire text (null is SQL NULL), columns by name.
 */
export interface DialectCase {
  readonly says: string;
  readonly sql: string;
  readonly rows: readonly (readonly (string | null)[])[];
  readonly columns?: readonly string[];
  readonly types?: readonly string[];
}

const one = (says: string, expression: string, cell: string | null, type?: string): DialectCase => ({
  says,
  sql: `SELECT ${expression} AS V`,
  rows: [[cell]],
  ...(type === undefined ? {} : { types: [type] }),
});

const ORDERS = `(SELECT * FROM VALUES (1, 'a', 10), (2, 'a', 20), (3, 'b', 30) AS T(ID, GRP, QTY))`;

export const DIALECT_CASES: readonly DialectCase[] = [
  // Names of columns
  {
    says: 'an unaliased item is called by its text in upper case',
    sql: 'select count(*), 1+1, max(id) from (select 1 as id)',
    columns: ['COUNT(*)', '1+1', 'MAX(ID)'],
    rows: [['1', '2', '1']],
  },
  {
    says: 'an alias keeps the case of its quotes',
    sql: 'select 1 as "Mixed", 2 plain, 3 as lower_case',
    columns: ['Mixed', 'PLAIN', 'LOWER_CASE'],
    rows: [['1', '2', '3']],
  },
  {
    says: 'a column keeps its upper-case name behind an alias of the table',
    sql: 'select t.id from (select 7 as id) t',
    columns: ['ID'],
    rows: [['7']],
  },
  {
    says: 'VALUES has COLUMN1, COLUMN2',
    sql: `select * from values (1, 'x'), (2, 'y')`,
    columns: ['COLUMN1', 'COLUMN2'],
    rows: [
      ['1', 'x'],
      ['2', 'y'],
    ],
  },
  {
    says: 'VALUES reads by $1',
    sql: `select $1 + 1 as v, $2 as w from values (1, 'x')`,
    columns: ['V', 'W'],
    rows: [['2', 'x']],
  },
  {
    says: 'VALUES takes a list of names',
    sql: `select b, a from (values (1, 'x')) as t(a, b)`,
    columns: ['B', 'A'],
    rows: [['x', '1']],
  },

  // Numbers
  one('integer division keeps six decimals', '5/2', '2.500000', 'FIXED'),
  one('a decimal dividend adds six to its scale', '1.50/3', '0.50000000', 'FIXED'),
  one('a float divides as a float', '1::FLOAT/4', '0.25', 'REAL'),
  one('division of NULL is NULL', '1/NULL', null),
  one('DIV0 gives 0 for a zero divisor', 'DIV0(5, 0)', '0.000000'),
  one('ROUND goes away from zero', "ROUND(2.5) || ',' || ROUND(-2.5)", '3,-3'),
  one('a cast to a whole number rounds half away from zero', `'2.5'::INT`, '3'),
  one('MOD keeps the sign of the dividend', 'MOD(-7, 3)', '-1'),
  one(
    'NUMBER keeps 38 digits',
    `'12345678901234567890123456789012345678'::NUMBER(38,0)`,
    '12345678901234567890123456789012345678',
    'FIXED',
  ),
  one('TO_NUMBER without a scale rounds to whole', `TO_NUMBER('12.6')`, '13'),
  one('TO_NUMBER takes precision and scale', `TO_NUMBER('12.345', 10, 2)`, '12.35'),
  one('TRY_TO_NUMBER gives NULL for text', `TRY_TO_NUMBER('abc')`, null),
  one('ZEROIFNULL', 'ZEROIFNULL(NULL)', '0'),
  one('NULLIFZERO', 'NULLIFZERO(0)', null),
  one('GREATEST is NULL with a NULL', 'GREATEST(1, NULL, 3)', null),
  one('LEAST of values', 'LEAST(4, 2, 3)', '2'),
  one('GREATEST_IGNORE_NULLS', 'GREATEST_IGNORE_NULLS(1, NULL, 3)', '3'),
  one('BITAND', 'BITAND(12, 10)', '8'),
  one('SQUARE', 'SQUARE(7)', '49'),

  // Conditions
  one('IFF', `IFF(1 > 2, 'yes', 'no')`, 'no'),
  one('NVL', `NVL(NULL, 'b')`, 'b'),
  one('NVL2', `NVL2(NULL, 'a', 'b')`, 'b'),
  one('DECODE matches NULL', `DECODE(NULL, 1, 'one', NULL, 'none', 'other')`, 'none'),
  one('EQUAL_NULL', 'EQUAL_NULL(NULL, NULL)', '1', 'BOOLEAN'),
  one('CASE', `CASE WHEN 1 = 2 THEN 'a' ELSE 'b' END`, 'b'),
  one('LIKE ANY', `'Snowflake' LIKE ANY ('x%', 'Snow%')`, '1'),
  one('NOT ILIKE', `'ABC' NOT ILIKE 'a%'`, '0'),
  one('RLIKE must match the whole text', `'abc' RLIKE 'b'`, '0'),

  // Text
  one('SPLIT_PART counts from 1', `SPLIT_PART('a-b-c', '-', 2)`, 'b'),
  one('SPLIT gives an array', `SPLIT('a,b', ',')`, '["a","b"]', 'ARRAY'),
  one('INITCAP', `INITCAP('the quick-brown FOX')`, 'The Quick-Brown Fox'),
  one('LPAD', `LPAD('7', 3, '0')`, '007'),
  one('CHARINDEX', `CHARINDEX('an', 'banana')`, '2'),
  one('CHARINDEX from a start', `CHARINDEX('an', 'banana', 3)`, '4'),
  one('POSITION IN', `POSITION('n' IN 'banana')`, '3'),
  one('INSERT replaces a part', `INSERT('abcdef', 3, 2, 'zzz')`, 'abzzzef'),
  one('CONTAINS', `CONTAINS('banana', 'nan')`, '1'),
  one('STARTSWITH and ENDSWITH', `STARTSWITH('abc', 'ab') AND ENDSWITH('abc', 'bc')`, '1'),
  one('REGEXP_REPLACE replaces all', `REGEXP_REPLACE('a1b22', '[0-9]+', '#')`, 'a#b#'),
  one('REGEXP_SUBSTR', `REGEXP_SUBSTR('order 123', '[0-9]+')`, '123'),
  one('REGEXP_SUBSTR without a match is NULL', `REGEXP_SUBSTR('order', '[0-9]+')`, null),
  one('REGEXP_COUNT', `REGEXP_COUNT('banana', 'an')`, '2'),
  one('a backslash in a literal is doubled', `REGEXP_SUBSTR('ab12', '\\\\d+')`, '12'),
  one('STRTOK', `STRTOK('a.b.c', '.', 3)`, 'c'),
  one('MD5', `MD5('Snowflake')`, 'edf1439075a83a447fb8b630ddc9c8de'),
  one('SHA2', `SHA2('')`, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
  one('HEX_ENCODE', `HEX_ENCODE('SNOW')`, '534E4F57'),
  one('BASE64_ENCODE', `BASE64_ENCODE('Snowflake')`, 'U25vd2ZsYWtl'),
  one('BASE64_DECODE_STRING', `BASE64_DECODE_STRING('U25vd2ZsYWtl')`, 'Snowflake'),
  one('a whole float has no point as text', `2::FLOAT::VARCHAR`, '2'),
  one('a cast to a short VARCHAR cuts', `'abcdef'::VARCHAR(3)`, 'abc'),
  one('concatenation with NULL is NULL', `'a' || NULL`, null),

  // Dates
  one('DATEADD of days keeps a DATE', `DATEADD(day, 31, '2024-01-01'::DATE)`, '19754', 'DATE'),
  one(
    'DATEADD of a month stays in the month',
    `TO_CHAR(DATEADD(month, 1, '2024-01-31'::DATE), 'YYYY-MM-DD')`,
    '2024-02-29',
  ),
  one(
    'DATEADD of hours makes a timestamp of a DATE',
    `DATEADD(hour, 2, '1970-01-01'::DATE)`,
    '7200.000000000',
    'TIMESTAMP_NTZ',
  ),
  one('DATEDIFF counts boundaries', `DATEDIFF(year, '2023-12-31'::DATE, '2024-01-01'::DATE)`, '1', 'FIXED'),
  one('DATEDIFF of days', `DATEDIFF('day', '2024-02-28', '2024-03-01')`, '2'),
  one('DATE_TRUNC keeps a DATE', `DATE_TRUNC('month', '2024-02-15'::DATE)`, '19754', 'DATE'),
  one('LAST_DAY', `LAST_DAY('2024-02-15'::DATE)::VARCHAR`, '2024-02-29'),
  one(
    'MONTHNAME and DAYNAME have three letters',
    `MONTHNAME('2024-05-01'::DATE) || DAYNAME('2024-05-01'::DATE)`,
    'MayWed',
  ),
  one('DAYOFWEEK of a Sunday is 0', `DAYOFWEEK('2024-05-05'::DATE)`, '0'),
  one('EXTRACT', `EXTRACT(quarter FROM '2024-05-05'::DATE)`, '2'),
  one('DATE_PART of the epoch', `DATE_PART(epoch_second, '1970-01-02 00:00:00'::TIMESTAMP)`, '86400'),
  one('TO_DATE with a format', `TO_DATE('31/12/2023', 'DD/MM/YYYY')::VARCHAR`, '2023-12-31'),
  one('TRY_TO_DATE gives NULL', `TRY_TO_DATE('not a date')`, null, 'DATE'),
  one('TO_TIMESTAMP of a number is seconds', `TO_TIMESTAMP(1700000000)`, '1700000000.000000000', 'TIMESTAMP_NTZ'),
  one(
    'TO_CHAR of a timestamp',
    `TO_CHAR('2024-03-04 05:06:07'::TIMESTAMP, 'YYYY/MM/DD HH24:MI:SS')`,
    '2024/03/04 05:06:07',
  ),
  one('ADD_MONTHS keeps the end of a month', `ADD_MONTHS('2024-02-29'::DATE, 1)::VARCHAR`, '2024-03-31'),
  one('NEXT_DAY', `NEXT_DAY('2024-05-01'::DATE, 'fr')::VARCHAR`, '2024-05-03'),
  one(
    'CONVERT_TIMEZONE of three arguments',
    `CONVERT_TIMEZONE('UTC', 'America/New_York', '2024-01-01 12:00:00'::TIMESTAMP_NTZ)::VARCHAR`,
    '2024-01-01 07:00:00.000',
  ),
  one(
    'a TIMESTAMP_NTZ has nine digits',
    `'2024-01-01 00:00:00.123456'::TIMESTAMP_NTZ`,
    '1704067200.123456000',
    'TIMESTAMP_NTZ',
  ),
  one(
    'a TIMESTAMP before 1970 has its sign in front',
    `'1969-12-31 23:59:58.500'::TIMESTAMP_NTZ`,
    '-1.500000000',
    'TIMESTAMP_NTZ',
  ),
  one('a TIME is seconds of the day', `'01:02:03'::TIME`, '3723.000000000', 'TIME'),
  one(
    'TIME_SLICE',
    `TIME_SLICE('2024-05-07 12:34:00'::TIMESTAMP_NTZ, 15, 'MINUTE')::VARCHAR`,
    '2024-05-07 12:30:00.000',
  ),

  // Semi-structured
  one('a path reads into a VARIANT', `PARSE_JSON('{"a":{"b":[10,20]}}'):a.b[1]::NUMBER`, '20'),
  one('a path keeps the case of its keys', `PARSE_JSON('{"Name":"x","name":"y"}'):Name::STRING`, 'x'),
  one('a missing key is NULL', `PARSE_JSON('{"a":1}'):b`, null, 'VARIANT'),
  one('a string cast drops the quotes', `PARSE_JSON('{"a":"x"}'):a::STRING`, 'x', 'TEXT'),
  one('a read without a cast keeps them', `PARSE_JSON('{"a":"x"}'):a`, '"x"', 'VARIANT'),
  one('brackets read by key', `PARSE_JSON('{"a b":5}')['a b']::INT`, '5'),
  one('a VARIANT compares with text', `PARSE_JSON('{"a":"x"}'):a = 'x'`, '1', 'BOOLEAN'),
  one('a VARIANT compares with a number', `PARSE_JSON('{"a":10}'):a > 9`, '1'),
  one('TRY_PARSE_JSON gives NULL', `TRY_PARSE_JSON('{bad')`, null),
  one('OBJECT_CONSTRUCT leaves NULL out', `OBJECT_CONSTRUCT('b', 2, 'a', 1, 'c', NULL)`, '{"a":1,"b":2}', 'OBJECT'),
  one('an OBJECT constant', `{'k': 1 + 1}`, '{"k":2}'),
  one('ARRAY_CONSTRUCT', `ARRAY_CONSTRUCT(1, 'two', NULL)`, '[1,"two",null]', 'ARRAY'),
  one('ARRAY_SIZE', `ARRAY_SIZE(ARRAY_CONSTRUCT(1, 2, 3))`, '3'),
  one('ARRAY_CONTAINS', `ARRAY_CONTAINS('two'::VARIANT, ARRAY_CONSTRUCT('one', 'two'))`, '1'),
  one('ARRAY_POSITION counts from 0', `ARRAY_POSITION('b'::VARIANT, ARRAY_CONSTRUCT('a', 'b'))`, '1'),
  one('ARRAY_SLICE leaves the end out', `ARRAY_SLICE(ARRAY_CONSTRUCT(0, 1, 2, 3), 1, 3)`, '[1,2]', 'ARRAY'),
  one('ARRAY_TO_STRING', `ARRAY_TO_STRING(ARRAY_CONSTRUCT('a', 1, 'c'), '-')`, 'a-1-c'),
  one('ARRAYS_OVERLAP', 'ARRAYS_OVERLAP(ARRAY_CONSTRUCT(1, 2), ARRAY_CONSTRUCT(2, 3))', '1'),
  one('OBJECT_KEYS', `OBJECT_KEYS(PARSE_JSON('{"b":1,"a":2}'))`, '["a","b"]', 'ARRAY'),
  one('TYPEOF', `TYPEOF(PARSE_JSON('[1]'))`, 'ARRAY'),
  {
    says: 'FLATTEN gives a row per element',
    sql: `select f.index, f.value::int as v from (select parse_json('[5,6]') as a) t, lateral flatten(input => t.a) f order by f.index`,
    columns: ['INDEX', 'V'],
    rows: [
      ['0', '5'],
      ['1', '6'],
    ],
  },
  {
    says: 'FLATTEN of an object gives its keys',
    sql: `select f.key, f.value::int from table(flatten(input => parse_json('{"x":1,"y":2}'))) f order by 1`,
    rows: [
      ['x', '1'],
      ['y', '2'],
    ],
  },
  {
    says: 'FLATTEN OUTER keeps a row without elements',
    sql: `select t.id, f.value from (select 1 as id, parse_json('[]') as a) t, lateral flatten(input => t.a, outer => true) f`,
    rows: [['1', null]],
  },
  {
    says: 'FLATTEN by path',
    sql: `select f.value::string as v from table(flatten(input => parse_json('{"a":{"b":["p","q"]}}'), path => 'a.b')) f order by f.index`,
    rows: [['p'], ['q']],
  },

  // Aggregates and windows
  {
    says: 'LISTAGG in the order asked',
    sql: `select listagg(id, ',') within group (order by id desc) as l from ${ORDERS}`,
    rows: [['3,2,1']],
  },
  {
    says: 'ARRAY_AGG leaves NULL out',
    sql: `select array_agg(column1) within group (order by column1) as l from values (2), (null), (1)`,
    rows: [['[1,2]']],
    types: ['ARRAY'],
  },
  {
    says: 'OBJECT_AGG',
    sql: `select object_agg(grp, qty) as o from ${ORDERS} where id <> 1`,
    rows: [['{"a":20,"b":30}']],
    types: ['OBJECT'],
  },
  {
    says: 'AVG of whole numbers has six decimals',
    sql: `select avg(qty) as v from ${ORDERS} where grp = 'a'`,
    rows: [['15.000000']],
    types: ['FIXED'],
  },
  {
    says: 'GROUP BY ALL',
    sql: `select grp, sum(qty) as s from ${ORDERS} group by all order by grp`,
    rows: [
      ['a', '30'],
      ['b', '30'],
    ],
  },
  {
    says: 'QUALIFY',
    sql: `select id from ${ORDERS} qualify row_number() over (partition by grp order by qty desc) = 1 order by id`,
    rows: [['2'], ['3']],
  },
  {
    says: 'LAST_VALUE sees the whole partition',
    sql: `select id, last_value(id) over (partition by grp order by id) as l from ${ORDERS} order by id`,
    rows: [
      ['1', '2'],
      ['2', '2'],
      ['3', '3'],
    ],
  },
  {
    says: 'LAG',
    sql: `select id, lag(qty, 1, 0) over (order by id) as l from ${ORDERS} order by id`,
    rows: [
      ['1', '0'],
      ['2', '10'],
      ['3', '20'],
    ],
  },
  {
    says: 'RATIO_TO_REPORT',
    sql: `select id, ratio_to_report(qty) over (partition by grp) as r from ${ORDERS} where grp = 'b'`,
    rows: [['3', '1.000000']],
  },
  { says: 'COUNT_IF', sql: `select count_if(qty > 10) as c from ${ORDERS}`, rows: [['2']] },
  {
    says: 'BOOLAND_AGG and BOOLOR_AGG',
    sql: `select booland_agg(qty > 10) as a, boolor_agg(qty > 10) as o from ${ORDERS}`,
    rows: [['0', '1']],
  },
  { says: 'COUNT DISTINCT of two columns', sql: `select count(distinct grp, qty) as c from ${ORDERS}`, rows: [['3']] },
  { says: 'MAX_BY', sql: `select max_by(id, qty) as m from ${ORDERS}`, rows: [['3']] },
  {
    says: 'APPROX_COUNT_DISTINCT of a few',
    sql: `select approx_count_distinct(grp) as c from ${ORDERS}`,
    rows: [['2']],
  },
  {
    says: 'GROUP BY ROLLUP ends with the total',
    sql: `select grp, sum(qty) as s from ${ORDERS} group by rollup (grp) order by grp nulls last`,
    rows: [
      ['a', '30'],
      ['b', '30'],
      [null, '60'],
    ],
  },

  // Shape of a query
  {
    says: 'NULLs come last going up and first going down',
    sql: 'select column1 as v from values (1), (null), (2) order by 1 desc',
    rows: [[null], ['2'], ['1']],
  },
  { says: 'TOP n', sql: `select top 2 id from ${ORDERS} order by id desc`, rows: [['3'], ['2']] },
  {
    says: 'FETCH FIRST',
    sql: `select id from ${ORDERS} order by id offset 1 rows fetch first 1 rows only`,
    rows: [['2']],
  },
  {
    says: 'EXCLUDE and RENAME',
    sql: `select * exclude (qty) rename (grp as g) from ${ORDERS} where id = 1`,
    columns: ['ID', 'G'],
    rows: [['1', 'a']],
  },
  { says: 'MINUS', sql: 'select 1 as v union all select 2 minus select 1', rows: [['2']] },
  {
    says: 'PIVOT calls its columns by the literal',
    sql: `select * from (select grp, qty from ${ORDERS}) pivot (sum(qty) for grp in ('a', 'b')) as p`,
    columns: ["'a'", "'b'"],
    rows: [['30', '30']],
  },
  {
    says: 'UNPIVOT gives names in upper case',
    sql: 'select * from (select 1 as id, 10 as jan, 20 as feb) unpivot (sales for month in (jan, feb)) order by sales',
    columns: ['ID', 'MONTH', 'SALES'],
    rows: [
      ['1', 'JAN', '10'],
      ['1', 'FEB', '20'],
    ],
  },
  {
    says: 'a recursive query',
    sql: 'with recursive c(n) as (select 1 union all select n + 1 from c where n < 3) select sum(n) as s from c',
    rows: [['6']],
  },
  {
    says: 'GENERATOR with SEQ4',
    sql: 'select seq4() as n from table(generator(rowcount => 3)) order by n',
    rows: [['0'], ['1'], ['2']],
  },
  { says: 'a lateral alias is known behind it', sql: 'select 2 as a, a * 3 as b', rows: [['2', '6']] },
  { says: 'a comment in two slashes', sql: 'select 1 as v // the rest', rows: [['1']] },
  { says: 'a string in dollars', sql: `select $$it's$$ as v`, rows: [[`it's`]] },
  {
    says: 'IDENTIFIER of a text',
    sql: `select count(*) as c from identifier('demo_db.public.countries')`,
    rows: [['5']],
  },
  { says: 'a name with two dots means PUBLIC', sql: 'select count(*) as c from demo_db..countries', rows: [['5']] },
];
