/**
 * Snowflake expressions with the results Snowflake documents: cells in wire text (null is SQL NULL), columns by name.
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

export const EXPRESSION_CASES: readonly DialectCase[] = [
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
];
