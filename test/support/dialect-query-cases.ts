/**
 * Snowflake queries about aggregates, windows and the shape of a query, with the results Snowflake documents.
 */
import type { DialectCase } from './dialect-cases.ts';

const ORDERS = `(SELECT * FROM VALUES (1, 'a', 10), (2, 'a', 20), (3, 'b', 30) AS T(ID, GRP, QTY))`;

export const QUERY_CASES: readonly DialectCase[] = [
  // Aggregates and windows
  {
    says: 'SOUNDEX codes a name by its sound',
    sql: `select soundex('Robert'), soundex('Rupert'), soundex('Tymczak'), soundex('Pfister'), soundex('Honeyman'), soundex('a-1'), soundex(null)`,
    rows: [['R163', 'R163', 'T522', 'P236', 'H555', 'A000', null]],
  },
  {
    says: 'HAVERSINE is the way over the globe in kilometres',
    sql: `select round(haversine(40.7127, -74.0059, 34.0500, -118.2500), 6) as km`,
    rows: [['3936.385096']],
  },
  {
    says: 'MONTHS_BETWEEN reads dates out of texts',
    sql: `select months_between('2024-03-31', '2024-02-29') as a, months_between('2024-03-31'::date, '2024-02-28'::date) as b`,
    rows: [['1.000000', '1.096774']],
  },
  {
    says: 'a path reads into an object literal',
    sql: `select {'a': {'b': 7}}:a.b::int as v, typeof({'a': 1}:a) as t`,
    rows: [['7', 'INTEGER']],
  },
  {
    says: 'SEQ of FLATTEN counts input rows, also equal ones, and a star shows nothing else',
    sql: `select * from (select 7 as id, parse_json('[5,6]') as a union all select 7, parse_json('[5,6]')) t, lateral flatten(input => t.a) f order by f.seq, f.index`,
    columns: ['ID', 'A', 'SEQ', 'KEY', 'PATH', 'INDEX', 'VALUE', 'THIS'],
    rows: [1, 2].flatMap((seq) =>
      ['5', '6'].map((value, at) => ['7', '[5,6]', `${seq}`, null, `[${at}]`, `${at}`, value, '[5,6]']),
    ),
  },
  {
    says: 'SEQ of a FLATTEN of a FLATTEN tells its input rows apart',
    sql: `select count(distinct g.seq), count(*) from (select 7 as id, parse_json('[5,6]') as a union all select 7, parse_json('[5,6]')) t, lateral flatten(t.a) f, lateral flatten(array_construct(f.value, f.value)) g`,
    rows: [['4', '8']],
  },
  {
    says: 'SEQ in a join, beside EXCLUDE and behind the alias of a table',
    sql: `select t.* exclude (a), f.seq, u.* from (select 7 as id, parse_json('[5,6]') as a union all select 7, parse_json('[5,6]')) t join (select 7 as uid) u on u.uid = t.id left join lateral flatten(t.a) f where f.value = 5 order by f.seq`,
    columns: ['ID', 'SEQ', 'UID'],
    rows: [
      ['7', '16777217', '7'],
      ['7', '33554433', '7'],
    ],
  },
  {
    says: 'SEQ through a common table expression, VALUES and GENERATOR',
    sql: `with c as (select * from values ('[1]'), ('[1]') as v(j)) select f.seq from c, table(flatten(input => parse_json(c.j))) f order by 1`,
    rows: [['1'], ['2']],
  },
  {
    says: 'SEQ behind SAMPLE counts the rows of the sample, with and without an alias',
    sql: `with c as (select * from values ('[1]'), ('[1]') as v(j)) select count(distinct f.seq), count(distinct g.seq) from c sample (100), lateral flatten(parse_json(c.j)) f, c as d tablesample bernoulli (100), table(flatten(parse_json(d.j))) g`,
    rows: [['2', '4']],
  },
  {
    says: 'SEQ behind PIVOT and UNPIVOT counts the rows they make',
    sql: `with c as (select * from values ('a', 'x', 1), ('b', 'x', 2) as v(g, k, n)) select count(distinct p.g), count(distinct f.seq) from c pivot (sum(n) for k in ('x')) as p, lateral flatten(array_construct(p."'x'")) f union all select count(distinct u.k2), count(distinct h.seq) + 1 from (select 1 as a, 1 as b) unpivot (v for k2 in (a, b)) u, lateral flatten(array_construct(u.v)) h order by 2`,
    rows: [
      ['2', '2'],
      ['2', '3'],
    ],
  },
  {
    says: 'SEQ of FLATTEN without a table is 1',
    sql: `select seq, value from table(flatten(input => parse_json('[8,9]'))) order by value`,
    rows: [
      ['1', '8'],
      ['1', '9'],
    ],
  },
  {
    says: 'SEQ of SPLIT_TO_TABLE counts input rows',
    sql: `select s.seq, s.index, s.value from (select 'a,b' as x union all select 'a,b') t, lateral split_to_table(t.x, ',') s order by 1, 2`,
    rows: [
      ['1', '1', 'a'],
      ['1', '2', 'b'],
      ['2', '1', 'a'],
      ['2', '2', 'b'],
    ],
  },
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
  {
    says: 'LISTAGG DISTINCT in order',
    sql: `select listagg(distinct grp, '+') within group (order by grp desc) as l from ${ORDERS}`,
    rows: [['b+a']],
  },
  {
    says: 'a VARIANT can be added up',
    sql: `select sum(parse_json(column1):n) as s from values ('{"n":1}'), ('{"n":2.5}')`,
    rows: [['3.5']],
  },
  {
    says: 'a lateral join needs no ON',
    sql: `select t.id, f.value::int as v from ${ORDERS} t inner join lateral flatten(input => array_construct(t.qty)) f where t.id = 2`,
    rows: [['2', '20']],
  },
  {
    says: 'a left lateral join keeps rows without elements',
    sql: `select t.id, f.value from (select 1 as id, parse_json('[]') as a) t left join lateral flatten(t.a) as f`,
    rows: [['1', null]],
  },
  {
    says: 'SPLIT_TO_TABLE counts from 1',
    sql: `select index, value from table(split_to_table('a.b', '.')) order by index`,
    rows: [
      ['1', 'a'],
      ['2', 'b'],
    ],
  },
  {
    says: 'a column of a CASE with a cast',
    sql: `select case when qty > 10 then 1 else 0 end::varchar as v from ${ORDERS} where id = 2`,
    rows: [['1']],
    types: ['TEXT'],
  },
  {
    says: 'PERCENTILE_CONT interpolates',
    sql: `select percentile_cont(0.5) within group (order by qty)::number(10,1) as p from ${ORDERS} where grp = 'a'`,
    rows: [['15.0']],
  },
];
