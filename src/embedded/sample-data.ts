/**
 * The read-only database SNOWFLAKE_SAMPLE_DATA: the eight tables of TPC-H at scale 0.01 in schema TPCH_SF001.
 *
 * Shaped like TPC-H (row counts, columns, keys, ranges), not its official data. Every value comes from hash(key, salt),
 * so it is the same on every start of one DuckDB version.
 */
import { columnMetaSql, objectMetaSql } from './catalog/declared.ts';
import { ENTRIES_TABLE } from './catalog/read.ts';
import type { EngineConnection } from './engine.ts';
import { type ObjectName, SAMPLE_DATABASE } from './sql/names.ts';
import { declaredOf } from './sql/types.ts';

const SCHEMA = 'TPCH_SF001';
const PLACE = `"${SAMPLE_DATABASE}"."${SCHEMA}"`;
const KEY = 'NUMBER(38,0)';
const MONEY = 'NUMBER(12,2)';

interface SampleTable {
  readonly name: string;
  /** `COLUMN TYPE` in the order of the query. */
  readonly columns: readonly (readonly [string, string])[];
  readonly query: string;
}

/** A number from 0 to `count` - 1 that belongs to a key and a salt. */
const pick = (key: string, salt: number, count: number) => `CAST(hash(${key}, ${salt}) % ${count} AS BIGINT)`;
const oneOf = (key: string, salt: number, words: readonly string[]) =>
  `[${words.map((word) => `'${word}'`).join(', ')}][${pick(key, salt, words.length)} + 1]`;
const money = (key: string, salt: number, from: number, to: number) =>
  `CAST(${from} + ${pick(key, salt, (to - from) * 100)} * 0.01 AS DECIMAL(12,2))`;
const phone = (key: string, nation: string) =>
  `concat(10 + ${nation}, '-', 100 + ${pick(key, 91, 900)}, '-', 100 + ${pick(key, 92, 900)}, '-', 1000 + ${pick(key, 93, 9000)})`;
const code = (prefix: string, key: string) => `concat('${prefix}#', lpad(CAST(${key} AS VARCHAR), 9, '0'))`;

const WORDS = 'packages requests accounts deposits foxes ideas theodolites instructions platelets pinto beans'.split(
  ' ',
);
const MOODS = 'carefully quickly blithely furiously slyly regularly boldly silent final express'.split(' ');
const text = (key: string, salt: number) =>
  `concat_ws(' ', ${oneOf(key, salt, MOODS)}, ${oneOf(key, salt + 1, WORDS)}, ${oneOf(key, salt + 2, MOODS)}, ${oneOf(key, salt + 3, WORDS)})`;

const NATIONS =
  'ALGERIA:0 ARGENTINA:1 BRAZIL:1 CANADA:1 EGYPT:4 ETHIOPIA:0 FRANCE:3 GERMANY:3 INDIA:2 INDONESIA:2 IRAN:4 IRAQ:4 JAPAN:2 JORDAN:4 KENYA:0 MOROCCO:0 MOZAMBIQUE:0 PERU:1 CHINA:2 ROMANIA:3 SAUDI_ARABIA:4 VIETNAM:2 RUSSIA:3 UNITED_KINGDOM:3 UNITED_STATES:1'
    .split(' ')
    .map((entry) => entry.replaceAll('_', ' ').split(':'));
const REGIONS = ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'];
const SEGMENTS = ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'HOUSEHOLD', 'MACHINERY'];
const PRIORITIES = ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'];
const COLOURS =
  'almond azure beige blue chocolate coral cream forest ghost green indian ivory khaki lace lemon linen'.split(' ');
const PRICE = 'CAST((90000 + (sf_part // 10) % 20001 + 100 * (sf_part % 1000)) * 0.01 AS DECIMAL(12,2))';

/** Suppliers of a part, four each, spread over the 100 suppliers. */
const supplierOf = (part: string, nth: string) => `(${part} + ${nth} * (25 + (${part} - 1) // 100)) % 100 + 1`;

const LINES = `
  SELECT sf_order, sf_line, sf_key, ${pick('sf_key', 30, 2000)} + 1 AS sf_part, ${pick('sf_key', 31, 50)} + 1 AS sf_quantity,
    DATE '1992-01-01' + CAST(${pick('sf_order', 10, 2406)} AS INTEGER) AS sf_date
  FROM (SELECT o.range AS sf_order, l.range AS sf_line, o.range * 8 + l.range AS sf_key
    FROM range(1, 15001) o, range(1, 8) l WHERE l.range <= ${pick('o.range', 11, 7)} + 1)`;
const SHIPPED = `sf_date + CAST(${pick('sf_key', 34, 121)} + 1 AS INTEGER)`;
const TODAY = `DATE '1995-06-17'`;

const TABLES: readonly SampleTable[] = [
  {
    name: 'REGION',
    columns: [
      ['R_REGIONKEY', KEY],
      ['R_NAME', 'VARCHAR(25)'],
      ['R_COMMENT', 'VARCHAR(152)'],
    ],
    query: `SELECT range, ['${REGIONS.join("', '")}'][range + 1], ${text('range', 60)} FROM range(5)`,
  },
  {
    name: 'NATION',
    columns: [
      ['N_NATIONKEY', KEY],
      ['N_NAME', 'VARCHAR(25)'],
      ['N_REGIONKEY', KEY],
      ['N_COMMENT', 'VARCHAR(152)'],
    ],
    query: `SELECT range, [${NATIONS.map(([name]) => `'${name}'`).join(', ')}][range + 1], [${NATIONS.map(([, region]) => region).join(', ')}][range + 1], ${text('range', 64)} FROM range(25)`,
  },
  {
    name: 'SUPPLIER',
    columns: [
      ['S_SUPPKEY', KEY],
      ['S_NAME', 'VARCHAR(25)'],
      ['S_ADDRESS', 'VARCHAR(40)'],
      ['S_NATIONKEY', KEY],
      ['S_PHONE', 'VARCHAR(15)'],
      ['S_ACCTBAL', MONEY],
      ['S_COMMENT', 'VARCHAR(101)'],
    ],
    query: `SELECT range, ${code('Supplier', 'range')}, left(md5(concat('s', range)), 20), ${pick('range', 1, 25)}, ${phone('range', pick('range', 1, 25))}, ${money('range', 2, -999, 9999)}, ${text('range', 68)} FROM range(1, 101)`,
  },
  {
    name: 'CUSTOMER',
    columns: [
      ['C_CUSTKEY', KEY],
      ['C_NAME', 'VARCHAR(25)'],
      ['C_ADDRESS', 'VARCHAR(40)'],
      ['C_NATIONKEY', KEY],
      ['C_PHONE', 'VARCHAR(15)'],
      ['C_ACCTBAL', MONEY],
      ['C_MKTSEGMENT', 'VARCHAR(10)'],
      ['C_COMMENT', 'VARCHAR(117)'],
    ],
    query: `SELECT range, ${code('Customer', 'range')}, left(md5(concat('c', range)), 25), ${pick('range', 3, 25)}, ${phone('range', pick('range', 3, 25))}, ${money('range', 4, -999, 9999)}, ${oneOf('range', 5, SEGMENTS)}, ${text('range', 72)} FROM range(1, 1501)`,
  },
  {
    name: 'PART',
    columns: [
      ['P_PARTKEY', KEY],
      ['P_NAME', 'VARCHAR(55)'],
      ['P_MFGR', 'VARCHAR(25)'],
      ['P_BRAND', 'VARCHAR(10)'],
      ['P_TYPE', 'VARCHAR(25)'],
      ['P_SIZE', KEY],
      ['P_CONTAINER', 'VARCHAR(10)'],
      ['P_RETAILPRICE', MONEY],
      ['P_COMMENT', 'VARCHAR(23)'],
    ],
    query: `SELECT sf_part, concat_ws(' ', ${oneOf('sf_part', 20, COLOURS)}, ${oneOf('sf_part', 21, COLOURS)}), concat('Manufacturer#', ${pick('sf_part', 22, 5)} + 1),
      concat('Brand#', ${pick('sf_part', 22, 5)} + 1, ${pick('sf_part', 23, 5)} + 1),
      concat_ws(' ', ${oneOf('sf_part', 24, ['STANDARD', 'SMALL', 'MEDIUM', 'LARGE', 'ECONOMY', 'PROMO'])}, ${oneOf('sf_part', 25, ['ANODIZED', 'BURNISHED', 'PLATED', 'POLISHED', 'BRUSHED'])}, ${oneOf('sf_part', 26, ['TIN', 'NICKEL', 'BRASS', 'STEEL', 'COPPER'])}),
      ${pick('sf_part', 27, 50)} + 1, concat_ws(' ', ${oneOf('sf_part', 28, ['SM', 'LG', 'MED', 'JUMBO', 'WRAP'])}, ${oneOf('sf_part', 29, ['CASE', 'BOX', 'BAG', 'JAR', 'PKG', 'PACK', 'CAN', 'DRUM'])}),
      ${PRICE}, left(${text('sf_part', 76)}, 22) FROM (SELECT range AS sf_part FROM range(1, 2001))`,
  },
  {
    name: 'PARTSUPP',
    columns: [
      ['PS_PARTKEY', KEY],
      ['PS_SUPPKEY', KEY],
      ['PS_AVAILQTY', KEY],
      ['PS_SUPPLYCOST', MONEY],
      ['PS_COMMENT', 'VARCHAR(199)'],
    ],
    query: `SELECT p.range, ${supplierOf('p.range', 's.range')}, ${pick('p.range * 4 + s.range', 40, 9999)} + 1, ${money('p.range * 4 + s.range', 41, 1, 1000)}, ${text('p.range * 4 + s.range', 80)} FROM range(1, 2001) p, range(4) s`,
  },
  {
    name: 'LINEITEM',
    columns: [
      ['L_ORDERKEY', KEY],
      ['L_PARTKEY', KEY],
      ['L_SUPPKEY', KEY],
      ['L_LINENUMBER', KEY],
      ['L_QUANTITY', MONEY],
      ['L_EXTENDEDPRICE', MONEY],
      ['L_DISCOUNT', MONEY],
      ['L_TAX', MONEY],
      ['L_RETURNFLAG', 'VARCHAR(1)'],
      ['L_LINESTATUS', 'VARCHAR(1)'],
      ['L_SHIPDATE', 'DATE'],
      ['L_COMMITDATE', 'DATE'],
      ['L_RECEIPTDATE', 'DATE'],
      ['L_SHIPINSTRUCT', 'VARCHAR(25)'],
      ['L_SHIPMODE', 'VARCHAR(10)'],
      ['L_COMMENT', 'VARCHAR(44)'],
    ],
    query: `SELECT sf_order, sf_part, ${supplierOf('sf_part', pick('sf_key', 32, 4))}, sf_line, sf_quantity, sf_quantity * ${PRICE}, ${pick('sf_key', 36, 11)} * 0.01, ${pick('sf_key', 37, 9)} * 0.01,
      CASE WHEN sf_received > ${TODAY} THEN 'N' ELSE ${oneOf('sf_key', 38, ['R', 'A'])} END, CASE WHEN sf_shipped > ${TODAY} THEN 'O' ELSE 'F' END,
      sf_shipped, sf_date + CAST(${pick('sf_key', 33, 61)} + 30 AS INTEGER), sf_received,
      ${oneOf('sf_key', 42, ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'])}, ${oneOf('sf_key', 43, ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'])}, ${oneOf('sf_key', 84, MOODS)} || ' ' || ${oneOf('sf_key', 85, WORDS)}
      FROM (SELECT *, ${SHIPPED} AS sf_shipped, ${SHIPPED} + CAST(${pick('sf_key', 35, 30)} + 1 AS INTEGER) AS sf_received FROM (${LINES}))`,
  },
  {
    name: 'ORDERS',
    columns: [
      ['O_ORDERKEY', KEY],
      ['O_CUSTKEY', KEY],
      ['O_ORDERSTATUS', 'VARCHAR(1)'],
      ['O_TOTALPRICE', MONEY],
      ['O_ORDERDATE', 'DATE'],
      ['O_ORDERPRIORITY', 'VARCHAR(15)'],
      ['O_CLERK', 'VARCHAR(15)'],
      ['O_SHIPPRIORITY', KEY],
      ['O_COMMENT', 'VARCHAR(79)'],
    ],
    // A third of the customers has no orders.
    query: `SELECT L_ORDERKEY, ${pick('L_ORDERKEY', 50, 1000)} // 2 * 3 + ${pick('L_ORDERKEY', 50, 1000)} % 2 + 1,
      CASE WHEN min(L_LINESTATUS) = 'O' THEN 'O' WHEN max(L_LINESTATUS) = 'F' THEN 'F' ELSE 'P' END, sum(CAST(L_EXTENDEDPRICE * (1 - L_DISCOUNT) * (1 + L_TAX) AS DECIMAL(12,2))),
      DATE '1992-01-01' + CAST(${pick('L_ORDERKEY', 10, 2406)} AS INTEGER), ${oneOf('L_ORDERKEY', 51, PRIORITIES)}, ${code('Clerk', `${pick('L_ORDERKEY', 52, 10)} + 1`)}, 0, ${text('L_ORDERKEY', 88)}
      FROM ${PLACE}."LINEITEM" GROUP BY L_ORDERKEY ORDER BY L_ORDERKEY`,
  },
];

const duckdbType = (type: string) =>
  type === KEY ? 'BIGINT' : type.replace('NUMBER', 'DECIMAL').replace(/^VARCHAR.*/, 'VARCHAR');

/** Creates and fills the database. */
export async function createSampleData(connection: EngineConnection): Promise<void> {
  const createdMs = Date.now();
  const entry = (schema: string, comment: string) => `('${SAMPLE_DATABASE}', '${schema}', ${createdMs}, '${comment}')`;
  await connection.runAll([
    // Out of the macros' way: the queries below are DuckDB's SQL and want its own operators.
    `SET search_path = 'memory."SF$NONE"'`,
    `ATTACH ':memory:' AS "${SAMPLE_DATABASE}"`,
    `INSERT INTO ${ENTRIES_TABLE} VALUES ${entry('', 'TPC-H shaped sample data')}, ${entry('INFORMATION_SCHEMA', '')}, ${entry(SCHEMA, 'TPC-H at scale factor 0.01')}`,
    'BEGIN',
    `CREATE SCHEMA ${PLACE}`,
    ...TABLES.flatMap((table) => tableStatements(table, createdMs)),
    'COMMIT',
  ]);
}

/** One table with its rows. A column is described only where DuckDB's type does not say what was declared. */
function tableStatements(table: SampleTable, createdMs: number): string[] {
  const object: ObjectName = { database: SAMPLE_DATABASE, schema: SCHEMA, name: table.name };
  const columns = table.columns.map(([name, type]) => `"${name}" ${duckdbType(type)} NOT NULL`).join(', ');
  return [
    `CREATE TABLE ${PLACE}."${table.name}" (${columns})`,
    objectMetaSql('TABLE', object, { comment: '', kind: 'TABLE', createdMs }),
    ...table.columns
      .filter(([, type]) => declaredOf(duckdbType(type)) !== type)
      .map(([name, type]) => columnMetaSql(object, name, { type, comment: '' })),
    `INSERT INTO ${PLACE}."${table.name}" ${table.query}`,
  ];
}
