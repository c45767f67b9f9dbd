/**
 * More Snowflake queries with the results Snowflake's documentation gives or implies: cells in wire text, null is SQL NULL.
 */
import type { DialectCase } from './dialect-cases.ts';

type Cells = readonly (string | null)[];

const row = (says: string, items: string, cells: Cells, types?: readonly string[]): DialectCase => ({
  says,
  sql: `SELECT ${items}`,
  rows: [cells],
  ...(types === undefined ? {} : { types }),
});

const rows = (says: string, sql: string, cells: readonly Cells[]): DialectCase => ({ says, sql, rows: cells });

const SEMI_STRUCTURED: readonly DialectCase[] = [
  row(
    'an alias without AS may follow a cast to DATE, TIME and TIMESTAMP',
    `'1970-01-02'::DATE D, '00:00:01'::TIME T, '1970-01-01 00:00:02'::TIMESTAMP X`,
    ['1', '1.000000000', '2.000000000'],
  ),
  row('OBJECT_DELETE leaves a key out', `OBJECT_DELETE(PARSE_JSON('{"a":1,"b":2}'), 'a')`, ['{"b":2}'], ['OBJECT']),
  row('OBJECT_INSERT adds a key', `OBJECT_INSERT(PARSE_JSON('{"a":1}'), 'b', 2)`, ['{"a":1,"b":2}']),
  row('OBJECT_INSERT updates a key when it may', `OBJECT_INSERT(PARSE_JSON('{"a":1}'), 'a', 2, TRUE)`, ['{"a":2}']),
  row('OBJECT_PICK keeps the keys named', `OBJECT_PICK(PARSE_JSON('{"a":1,"b":2,"c":3}'), 'a', 'c')`, [
    '{"a":1,"c":3}',
  ]),
  row('OBJECT_CONSTRUCT_KEEP_NULL keeps NULL', `OBJECT_CONSTRUCT_KEEP_NULL('a', 1, 'b', NULL)`, ['{"a":1,"b":null}']),
  rows(
    'OBJECT_CONSTRUCT(*) takes the columns of FROM',
    `SELECT OBJECT_CONSTRUCT(*) AS o FROM VALUES (1, 'x'), (NULL, 'y')`,
    [['{"COLUMN1":1,"COLUMN2":"x"}'], ['{"COLUMN2":"y"}']],
  ),
  row('ARRAY_COMPACT drops nulls', 'ARRAY_COMPACT(ARRAY_CONSTRUCT(1, NULL, 3))', ['[1,3]'], ['ARRAY']),
  row('ARRAY_CAT joins', 'ARRAY_CAT(ARRAY_CONSTRUCT(1), ARRAY_CONSTRUCT(2, 3))', ['[1,2,3]']),
  row(
    'ARRAY_APPEND and ARRAY_PREPEND',
    `ARRAY_APPEND(ARRAY_CONSTRUCT(1), 'x'), ARRAY_PREPEND(ARRAY_CONSTRUCT(1), 'x')`,
    ['[1,"x"]', '["x",1]'],
  ),
  row('ARRAY_INSERT puts a value before a position', `ARRAY_INSERT(ARRAY_CONSTRUCT(0, 1, 2, 3), 2, 'hello')`, [
    '[0,1,"hello",2,3]',
  ]),
  row('ARRAY_REMOVE drops every equal value', 'ARRAY_REMOVE(ARRAY_CONSTRUCT(1, 5, 7, 5), 5)', ['[1,7]']),
  row('ARRAY_REMOVE_AT drops by position', 'ARRAY_REMOVE_AT(ARRAY_CONSTRUCT(2, 5, 7), 0)', ['[5,7]']),
  row('ARRAY_FLATTEN opens one level', 'ARRAY_FLATTEN(ARRAY_CONSTRUCT(ARRAY_CONSTRUCT(1, 2), ARRAY_CONSTRUCT(3)))', [
    '[1,2,3]',
  ]),
  row(
    'ARRAY_INTERSECTION and ARRAY_EXCEPT',
    `ARRAY_INTERSECTION(ARRAY_CONSTRUCT('A', 'B'), ARRAY_CONSTRUCT('B', 'C')), ARRAY_EXCEPT(ARRAY_CONSTRUCT('A', 'B'), ARRAY_CONSTRUCT('B'))`,
    ['["B"]', '["A"]'],
  ),
  row('ARRAY_GENERATE_RANGE leaves the end out', 'ARRAY_GENERATE_RANGE(2, 5), ARRAY_GENERATE_RANGE(0, 16, 5)', [
    '[2,3,4]',
    '[0,5,10,15]',
  ]),
  row('ARRAY_SORT is ascending', 'ARRAY_SORT(ARRAY_CONSTRUCT(20, 0, 10))', ['[0,10,20]']),
  row('ARRAY_MAX of numbers', 'ARRAY_MAX(ARRAY_CONSTRUCT(1, 7, 3))::INT', ['7']),
  row(
    'ARRAYS_TO_OBJECT pairs keys and values',
    `ARRAYS_TO_OBJECT(ARRAY_CONSTRUCT('k1', 'k2'), ARRAY_CONSTRUCT(1, 2))`,
    ['{"k1":1,"k2":2}'],
  ),
  row(
    'GET reads by key and by position',
    `GET(PARSE_JSON('{"aa":1}'), 'aa')::INT, GET(ARRAY_CONSTRUCT('a', 'b'), 1)::VARCHAR`,
    ['1', 'b'],
  ),
  row('GET_PATH reads a path', `GET_PATH(PARSE_JSON('{"a":[{"b":5}]}'), 'a[0].b')::INT`, ['5']),
  row('an element of a constructed array is a VARIANT', 'ARRAY_CONSTRUCT(1, 2)[0]', ['1'], ['VARIANT']),
  row(
    'TYPEOF tells the kinds apart',
    `TYPEOF(PARSE_JSON('1')), TYPEOF(PARSE_JSON('1.5')), TYPEOF(PARSE_JSON('"x"')), TYPEOF(PARSE_JSON('null')), TYPEOF(PARSE_JSON('{}'))`,
    ['INTEGER', 'DECIMAL', 'VARCHAR', 'NULL_VALUE', 'OBJECT'],
  ),
  row('AS_INTEGER does not convert', `AS_INTEGER(PARSE_JSON('"1"')), AS_INTEGER(PARSE_JSON('1'))`, [null, '1']),
  row(
    'a JSON null is not a SQL NULL',
    `PARSE_JSON('{"a":null}'):a IS NULL, IS_NULL_VALUE(PARSE_JSON('{"a":null}'):a), STRIP_NULL_VALUE(PARSE_JSON('{"a":null}'):a)`,
    ['0', '1', null],
  ),
  row('CHECK_JSON is NULL for good JSON', `CHECK_JSON('{"a":1}')`, [null]),
  row('TO_JSON gives text', `TO_JSON(PARSE_JSON('{"a":[1,2]}'))`, ['{"a":[1,2]}'], ['TEXT']),
  rows(
    'FLATTEN RECURSIVE goes down',
    `SELECT f.key, f.path FROM TABLE(FLATTEN(INPUT => PARSE_JSON('{"a":{"b":1}}'), RECURSIVE => TRUE)) f ORDER BY 2`,
    [
      ['a', 'a'],
      ['b', 'a.b'],
    ],
  ),
  rows(
    'FLATTEN MODE keeps one kind',
    `SELECT f.key FROM TABLE(FLATTEN(INPUT => PARSE_JSON('{"a":1,"b":2}'), MODE => 'ARRAY')) f`,
    [],
  ),
];

const DATES: readonly DialectCase[] = [
  row('ADD_MONTHS keeps a timestamp', `ADD_MONTHS('2016-05-15'::TIMESTAMP_NTZ, 2)::VARCHAR`, [
    '2016-07-15 00:00:00.000',
  ]),
  row('MONTHS_BETWEEN counts part months by 31', `MONTHS_BETWEEN('2019-03-01'::DATE, '2019-02-15'::DATE)`, [
    '0.548387',
  ]),
  row('MONTHS_BETWEEN of two last days is whole', `MONTHS_BETWEEN('2019-02-28'::DATE, '2019-01-31'::DATE)`, [
    '1.000000',
  ]),
  row('PREVIOUS_DAY', `PREVIOUS_DAY('2024-05-01'::DATE, 'Friday')::VARCHAR`, ['2024-04-26']),
  row(
    'LAST_DAY of a year and of a week',
    `LAST_DAY('2024-05-15'::DATE, 'year')::VARCHAR, LAST_DAY('2024-05-15'::DATE, 'week')::VARCHAR`,
    ['2024-12-31', '2024-05-19'],
  ),
  row('DATE_TRUNC to a week begins on Monday', `DATE_TRUNC('week', '2024-08-15'::DATE)::VARCHAR`, ['2024-08-12']),
  row('TRUNC of a date is DATE_TRUNC', `TRUNC('2024-08-15'::DATE, 'month')::VARCHAR`, ['2024-08-01']),
  row('DATEDIFF of weeks counts Mondays', `DATEDIFF(week, '2024-01-07'::DATE, '2024-01-08'::DATE)`, ['1']),
  row(
    'DATEDIFF of hours counts full hours of the clock',
    `DATEDIFF(hour, '2024-01-01 00:59:00'::TIMESTAMP, '2024-01-01 01:01:00'::TIMESTAMP)`,
    ['1'],
  ),
  row('DATEDIFF goes below zero', `DATEDIFF(month, '2024-03-01'::DATE, '2024-01-31'::DATE)`, ['-2']),
  row('a date less a date is days', `'2024-03-01'::DATE - '2024-02-01'::DATE`, ['29'], ['FIXED']),
  row('a date plus a number is a date', `'2024-03-01'::DATE + 5`, ['19788'], ['DATE']),
  row('a date plus months stays a date', `'2024-01-31'::DATE + INTERVAL '1 month'`, ['19782'], ['DATE']),
  row('a timestamp plus an interval of two parts', `('2024-01-01'::TIMESTAMP + INTERVAL '1 day, 2 hours')::VARCHAR`, [
    '2024-01-02 02:00:00.000',
  ]),
  row(
    'DATE_FROM_PARTS goes past the end of a month and a year',
    'DATE_FROM_PARTS(2024, 2, 30)::VARCHAR, DATE_FROM_PARTS(2024, 13, 1)::VARCHAR',
    ['2024-03-01', '2025-01-01'],
  ),
  row('TIMESTAMP_FROM_PARTS', 'TIMESTAMP_FROM_PARTS(2024, 1, 2, 3, 4, 5)::VARCHAR', ['2024-01-02 03:04:05.000']),
  row('TO_TIME reads a time', `TO_TIME('12:34:56')`, ['45296.000000000'], ['TIME']),
  row('TO_CHAR writes names of days and months', `TO_CHAR('2024-05-01'::DATE, 'DY, DD MON YYYY')`, [
    'Wed, 01 May 2024',
  ]),
  row('TO_CHAR writes twelve hours', `TO_CHAR('2024-05-01 14:05:06'::TIMESTAMP, 'HH12:MI:SS AM')`, ['02:05:06 PM']),
  row('ISO weeks belong to their year', `WEEKISO('2021-01-01'::DATE), YEAROFWEEKISO('2021-01-01'::DATE)`, [
    '53',
    '2020',
  ]),
  row('DAYOFYEAR of a leap year', `DAYOFYEAR('2024-12-31'::DATE)`, ['366']),
  row('DAYOFWEEKISO of a Sunday is 7', `DAYOFWEEKISO('2024-05-05'::DATE)`, ['7']),
  row('TIMESTAMPDIFF is DATEDIFF', `TIMESTAMPDIFF(second, '2024-01-01'::TIMESTAMP, '2024-01-02'::TIMESTAMP)`, [
    '86400',
  ]),
  row('a timestamp without a zone keeps its clock', `'2024-01-01 10:00:00 +02:00'::TIMESTAMP_NTZ::VARCHAR`, [
    '2024-01-01 10:00:00.000',
  ]),
  row(
    'a blank may stand before an offset',
    `'2024-01-01 10:00:00 +02:00'::TIMESTAMP_TZ, '2024-01-01 10:00:00+0200'::TIMESTAMP_TZ`,
    ['1704096000.000000000 1560', '1704096000.000000000 1560'],
    ['TIMESTAMP_TZ', 'TIMESTAMP_TZ'],
  ),
  row(
    'TO_TIMESTAMP_TZ reads its format',
    `TO_TIMESTAMP_TZ('04/05/2013 01:02:03 +0530', 'mm/dd/yyyy hh24:mi:ss tzhtzm')::VARCHAR`,
    ['2013-04-05 01:02:03.000 +0530'],
  ),
  row(
    'CONVERT_TIMEZONE of two arguments has an offset',
    `CONVERT_TIMEZONE('America/Los_Angeles', '2024-01-01 12:00:00 +00:00'::TIMESTAMP_TZ)::VARCHAR`,
    ['2024-01-01 04:00:00.000 -0800'],
  ),
  row(
    'parts of a TIMESTAMP_TZ are those of its own clock',
    `HOUR(T), DATE_PART(day, T), T::DATE::VARCHAR FROM (SELECT '2024-01-01 23:30:00 -05:00'::TIMESTAMP_TZ AS T)`,
    ['23', '1', '2024-01-01'],
  ),
  row(
    'DATE_TRUNC and DATEADD keep an offset',
    `DATE_TRUNC('day', T)::VARCHAR, DATEADD(hour, 1, T)::VARCHAR FROM (SELECT '2024-01-01 23:30:00 -05:00'::TIMESTAMP_TZ AS T)`,
    ['2024-01-01 00:00:00.000 -0500', '2024-01-02 00:30:00.000 -0500'],
  ),
  row(
    'TIMESTAMP_TZ values compare by their moment',
    `'2024-01-01 10:00:00 +02:00'::TIMESTAMP_TZ = '2024-01-01 08:00:00 +00:00'::TIMESTAMP_TZ`,
    ['1'],
  ),
];

const NUMBERS: readonly DialectCase[] = [
  row(
    'a quotient has six digits more than the dividend, at most 12',
    '1::NUMBER(10,4) / 3, 1::NUMBER(20,8) / 3, 1::NUMBER(20,12) / 3, 1::NUMBER(30,14) / 3',
    ['0.3333333333', '0.333333333333', '0.333333333333', '0.33333333333333'],
  ),
  row('a long quotient is exact', '12345678901234567890123456789012 / 7', ['1763668414462081127160493827001.714286']),
  row('a quotient is rounded half away from zero', '1 / 128, -1 / 128, 2 / 3', ['0.007813', '-0.007813', '0.666667']),
  row('quotients of quotients', '1 / 2 / 3', ['0.166666666667']),
  row('an average is as exact as a division', 'AVG(COLUMN1), AVG(COLUMN1::NUMBER(10,2)) FROM VALUES (1), (2), (4)', [
    '2.333333',
    '2.33333333',
  ]),
  row('DIV0NULL gives 0 for a NULL divisor', 'DIV0NULL(5, NULL), DIV0(5, 2)', ['0.000000', '2.500000']),
  row('CEIL and FLOOR to digits', 'CEIL(1.231, 2), FLOOR(-1.239, 2), CEIL(1.5), FLOOR(-1.5)', [
    '1.24',
    '-1.24',
    '2',
    '-2',
  ]),
  row('ROUND before the point', 'ROUND(1250, -2), ROUND(-2.55, 1)', ['1300', '-2.6']),
  row('TRUNC cuts towards zero', 'TRUNC(2.789, 1), TRUNC(-2.7)', ['2.7', '-2']),
  row(
    'WIDTH_BUCKET counts from 1',
    'WIDTH_BUCKET(5, 0, 10, 5), WIDTH_BUCKET(-1, 0, 10, 5), WIDTH_BUCKET(10, 0, 10, 5)',
    ['3', '0', '6'],
  ),
  row('an INT has 38 digits', `'12345678901234567890123456789012345678'::INT`, [
    '12345678901234567890123456789012345678',
  ]),
  row('shifts and bits', 'BITSHIFTLEFT(1, 4), BITNOT(0), BITXOR(5, 1)', ['16', '-1', '4']),
  row('a number as text', `TO_CHAR(1234.5, '9,999.00'), TO_CHAR(12, '000'), TO_CHAR(-5)`, [' 1,234.50', ' 012', '-5']),
  row('text that means a boolean', `'on'::BOOLEAN, 'off'::BOOLEAN, 'yes'::BOOLEAN, 'n'::BOOLEAN, '0'::BOOLEAN`, [
    '1',
    '0',
    '1',
    '0',
    '0',
  ]),
  row('TRY_CAST gives NULL', `TRY_CAST('x' AS INT), TRY_CAST('7' AS INT)`, [null, '7']),
  row('BOOLXOR and BOOLAND', 'BOOLXOR(TRUE, FALSE), BOOLAND(1, 0)', ['1', '0']),
];

const STRINGS: readonly DialectCase[] = [
  row('NULL of a text type is text', 'NULL::VARCHAR, CONCAT(NULL, 1)', [null, null], ['TEXT', 'TEXT']),
  row(
    'CONCAT with NULL is NULL',
    `CONCAT('a', 'b', 'c'), CONCAT('a', NULL), CONCAT_WS('-', 'a', 'b'), CONCAT_WS('-', 'a', NULL)`,
    ['abc', null, 'a-b', null],
  ),
  row(
    'SPLIT_PART from the end, past the end and at 0',
    `SPLIT_PART('a.b.c', '.', -1), SPLIT_PART('a.b', '.', 5), SPLIT_PART('a.b', '.', 0)`,
    ['c', '', 'a'],
  ),
  row('TRIM takes a set of characters', `LTRIM('0001', '0'), RTRIM('1.500', '0'), TRIM('*-x-*', '*-')`, [
    '1',
    '1.5',
    'x',
  ]),
  row('TRANSLATE, REVERSE and REPEAT', `TRANSLATE('abc', 'ab', 'xy'), REVERSE('abc'), REPEAT('ab', 3)`, [
    'xyc',
    'cba',
    'ababab',
  ]),
  row('lengths in characters and bytes', `LENGTH('日本'), OCTET_LENGTH('日本'), BIT_LENGTH('ab')`, ['2', '6', '16']),
  row('SUBSTR from the end', `SUBSTR('abcdef', -3, 2), LEFT('abc', 2), RIGHT('abc', 1)`, ['de', 'ab', 'c']),
  row('ASCII, CHR and UNICODE', `ASCII('A'), CHR(66), UNICODE('a')`, ['65', 'B', '97']),
  row('EDITDISTANCE', `EDITDISTANCE('kitten', 'sitting')`, ['3']),
  row('REGEXP_INSTR from a position', `REGEXP_INSTR('hello world', 'o'), REGEXP_INSTR('hello world', 'o', 6)`, [
    '5',
    '8',
  ]),
  row('REGEXP_SUBSTR of the second match', `REGEXP_SUBSTR('a1b22c', '[0-9]+', 1, 2)`, ['22']),
  row('REGEXP_SUBSTR of a group', `REGEXP_SUBSTR('key=val', '(\\\\w+)=(\\\\w+)', 1, 1, 'e', 2)`, ['val']),
  row('REGEXP_SUBSTR_ALL gives an array', `REGEXP_SUBSTR_ALL('a1b22', '[0-9]+')`, ['["1","22"]'], ['ARRAY']),
  row('REGEXP_REPLACE with groups', `REGEXP_REPLACE('firstname lastname', '(.*) (.*)', '\\\\2, \\\\1')`, [
    'lastname, firstname',
  ]),
  row('REGEXP_COUNT without case', `REGEXP_COUNT('aAa', 'a', 1, 'i')`, ['3']),
  row(
    'STRTOK_TO_ARRAY cuts at any of the marks',
    `STRTOK_TO_ARRAY('user@snowflake.com', '.@')`,
    ['["user","snowflake","com"]'],
    ['ARRAY'],
  ),
  row(
    'LIKE heeds case, an escape and lists',
    `'a' LIKE 'A', 'a_b' LIKE 'a^_b' ESCAPE '^', 'abc' LIKE ALL ('a%', '%c'), 'ABC' ILIKE ANY ('x', 'a%')`,
    ['0', '1', '1', '1'],
  ),
  row('digests in hex', `LENGTH(MD5('x')), LENGTH(SHA1('x'))`, ['32', '40']),
  row('INITCAP, UPPER and LOWER beyond ASCII', `UPPER('é'), LOWER('É')`, ['É', 'é']),
];

export const MORE_CASES: readonly DialectCase[] = [...SEMI_STRUCTURED, ...DATES, ...NUMBERS, ...STRINGS];
