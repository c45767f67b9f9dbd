/**
 * Snowflake queries over sets of rows (aggregates, windows, shapes) with the results Snowflake's documentation gives or
 * implies: cells in wire text, null is SQL NULL.
 */
import type { DialectCase } from './dialect-cases.ts';

type Cells = readonly (string | null)[];

const rows = (says: string, sql: string, cells: readonly Cells[]): DialectCase => ({ says, sql, rows: cells });

const FIVE = `(SELECT * FROM VALUES (1, 'a', 10), (2, 'a', NULL), (3, 'b', 30), (4, 'b', 30), (5, 'b', 5) AS T(ID, GRP, QTY))`;

const AGGREGATES: readonly DialectCase[] = [
  rows(
    'aggregates of nothing but NULL',
    `SELECT SUM(QTY) AS S, COUNT(QTY) AS C, LISTAGG(QTY, ',') AS L, ARRAY_AGG(QTY) AS A FROM ${FIVE} WHERE ID = 2`,
    [[null, '0', '', '[]']],
  ),
  rows('aggregates skip NULL', `SELECT SUM(QTY) AS S, COUNT(QTY) AS C, COUNT(*) AS N, MIN(QTY) AS M FROM ${FIVE}`, [
    ['75', '4', '5', '5'],
  ]),
  rows('DISTINCT inside', `SELECT SUM(DISTINCT QTY) AS S, COUNT(DISTINCT QTY) AS C FROM ${FIVE}`, [['45', '3']]),
  rows('MIN_BY', `SELECT MIN_BY(ID, QTY) AS M FROM ${FIVE}`, [['5']]),
  rows(
    'bits of a column',
    'SELECT BITAND_AGG(COLUMN1) AS A, BITOR_AGG(COLUMN1) AS O, BITXOR_AGG(COLUMN1) AS X FROM VALUES (12), (10)',
    [['8', '14', '6']],
  ),
  rows(
    'GROUPING tells the total of CUBE',
    `SELECT GRP, GROUPING(GRP) AS G, COUNT(*) AS C FROM ${FIVE} GROUP BY CUBE (GRP) ORDER BY 2, 1`,
    [
      ['a', '0', '2'],
      ['b', '0', '3'],
      [null, '1', '5'],
    ],
  ),
  rows(
    'GROUPING SETS',
    `SELECT COLUMN1 AS A, COLUMN2 AS B, SUM(COLUMN3) AS S FROM VALUES ('a', 'x', 1), ('a', 'y', 2) GROUP BY GROUPING SETS ((COLUMN1), (COLUMN2)) ORDER BY A NULLS LAST, B`,
    [
      ['a', null, '3'],
      [null, 'x', '1'],
      [null, 'y', '2'],
    ],
  ),
  rows(
    'ARRAY_AGG DISTINCT in order',
    'SELECT ARRAY_AGG(DISTINCT COLUMN1) WITHIN GROUP (ORDER BY COLUMN1 DESC) AS A FROM VALUES (1), (3), (1)',
    [['[3,1]']],
  ),
  rows(
    'deviation of a population',
    'SELECT STDDEV_POP(COLUMN1) AS S, VAR_POP(COLUMN1) AS V FROM VALUES (2), (4), (4), (4), (5), (5), (7), (9)',
    [['2', '4']],
  ),
  rows(
    'PERCENTILE_DISC is one of the values',
    `SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY COLUMN1) AS P FROM VALUES (1), (2), (3), (4)`,
    [['2']],
  ),
  rows('HAVING', `SELECT GRP FROM ${FIVE} GROUP BY GRP HAVING COUNT(*) > 2`, [['b']]),
  rows('GROUP BY position', `SELECT GRP, MAX(ID) AS M FROM ${FIVE} GROUP BY 1 ORDER BY 1`, [
    ['a', '2'],
    ['b', '5'],
  ]),
];

const WINDOWS: readonly DialectCase[] = [
  rows(
    'ranks with ties',
    'SELECT COLUMN1 AS V, RANK() OVER (ORDER BY COLUMN1) AS R, DENSE_RANK() OVER (ORDER BY COLUMN1) AS D, NTILE(2) OVER (ORDER BY COLUMN1) AS N FROM VALUES (1), (1), (2), (3) ORDER BY 1, 4',
    [
      ['1', '1', '1', '1'],
      ['1', '1', '1', '1'],
      ['2', '3', '2', '2'],
      ['3', '4', '3', '2'],
    ],
  ),
  rows(
    'a sliding sum',
    'SELECT COLUMN1 AS V, SUM(COLUMN1) OVER (ORDER BY COLUMN1 ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS S FROM VALUES (1), (2), (3) ORDER BY 1',
    [
      ['1', '1'],
      ['2', '3'],
      ['3', '5'],
    ],
  ),
  rows(
    'LAG IGNORE NULLS',
    `SELECT ID, LAG(QTY) IGNORE NULLS OVER (ORDER BY ID) AS L FROM ${FIVE} ORDER BY ID LIMIT 3`,
    [
      ['1', null],
      ['2', '10'],
      ['3', '10'],
    ],
  ),
  rows(
    'FIRST_VALUE and NTH_VALUE see the whole partition',
    'SELECT COLUMN1 AS V, FIRST_VALUE(COLUMN1) OVER (ORDER BY COLUMN1 DESC) AS F, NTH_VALUE(COLUMN1, 2) OVER (ORDER BY COLUMN1) AS N FROM VALUES (1), (2), (3) ORDER BY 1',
    [
      ['1', '3', '2'],
      ['2', '3', '2'],
      ['3', '3', '2'],
    ],
  ),
  rows('an average over all rows', 'SELECT COLUMN1 AS V, AVG(COLUMN1) OVER () AS A FROM VALUES (1), (2) ORDER BY 1', [
    ['1', '1.500000'],
    ['2', '1.500000'],
  ]),
  rows(
    'a share of a partition',
    `SELECT ID, COUNT(*) OVER (PARTITION BY GRP) AS C FROM ${FIVE} WHERE ID IN (1, 3) ORDER BY ID`,
    [
      ['1', '1'],
      ['3', '1'],
    ],
  ),
  rows(
    'QUALIFY on an alias',
    `SELECT ID, ROW_NUMBER() OVER (PARTITION BY GRP ORDER BY ID DESC) AS RN FROM ${FIVE} QUALIFY RN = 1 ORDER BY ID`,
    [
      ['2', '1'],
      ['5', '1'],
    ],
  ),
  rows(
    'PERCENT_RANK and CUME_DIST',
    'SELECT COLUMN1 AS V, PERCENT_RANK() OVER (ORDER BY COLUMN1) AS P, CUME_DIST() OVER (ORDER BY COLUMN1) AS C FROM VALUES (1), (2) ORDER BY 1',
    [
      ['1', '0', '0.5'],
      ['2', '1', '1'],
    ],
  ),
];

const SHAPES: readonly DialectCase[] = [
  rows(
    'INTERSECT and EXCEPT',
    'SELECT COLUMN1 AS V FROM VALUES (1), (2), (3) INTERSECT SELECT COLUMN1 FROM VALUES (2), (3) EXCEPT SELECT 3',
    [['2']],
  ),
  rows('UNION drops equal rows', `SELECT 1 AS A, 'x' AS B UNION SELECT 1, 'x'`, [['1', 'x']]),
  rows('UNION ALL BY NAME', 'SELECT 1 AS A, 2 AS B UNION ALL BY NAME SELECT 3 AS B, 4 AS A', [
    ['1', '2'],
    ['4', '3'],
  ]),
  rows(
    'ASOF JOIN takes the nearest row before and keeps rows without one',
    'SELECT L.A, R.B FROM (SELECT * FROM VALUES (1), (5) AS L(A)) L ASOF JOIN (SELECT * FROM VALUES (2), (4) AS R(B)) R MATCH_CONDITION (L.A >= R.B) ORDER BY 1',
    [
      ['1', null],
      ['5', '4'],
    ],
  ),
  rows(
    'ASOF JOIN with a key',
    `SELECT L.A, R.B FROM (SELECT * FROM VALUES (5, 'x') AS L(A, K)) L ASOF JOIN (SELECT * FROM VALUES (2, 'x'), (4, 'y') AS R(B, K)) R MATCH_CONDITION (L.A >= R.B) ON L.K = R.K`,
    [['5', '2']],
  ),
  rows(
    'a chain of statements reads the one before',
    `SHOW SCHEMAS IN DATABASE DEMO_DB ->> SELECT "name" FROM $1 WHERE "name" <> 'INFORMATION_SCHEMA' AND "name" <> 'SF' ORDER BY 1 LIMIT 2`,
    [['PUBLIC'], ['SALES']],
  ),
  rows('a chain reads two statements before', 'SELECT 1 AS A ->> SELECT 2 AS B ->> SELECT A, B FROM $1 CROSS JOIN $2', [
    ['1', '2'],
  ]),
  rows('WITH twice', 'WITH A AS (SELECT 1 AS V), B AS (SELECT V + 1 AS V FROM A) SELECT A.V AS X, B.V AS Y FROM A, B', [
    ['1', '2'],
  ]),
  rows(
    'a correlated subquery',
    `SELECT ID FROM ${FIVE} AS O WHERE QTY = (SELECT MAX(QTY) FROM ${FIVE} AS I WHERE I.GRP = O.GRP) ORDER BY ID`,
    [['1'], ['3'], ['4']],
  ),
  rows(
    'NOT EXISTS',
    `SELECT COUNT(*) AS C FROM ${FIVE} AS O WHERE NOT EXISTS (SELECT 1 FROM ${FIVE} AS I WHERE I.ID = O.ID + 1)`,
    [['1']],
  ),
  rows('a NATURAL JOIN', 'SELECT * FROM (SELECT 1 AS K, 2 AS A) NATURAL JOIN (SELECT 1 AS K, 3 AS B)', [
    ['1', '2', '3'],
  ]),
  rows('LIMIT and OFFSET', `SELECT ID FROM ${FIVE} ORDER BY ID LIMIT 2 OFFSET 3`, [['4'], ['5']]),
  rows('ILIKE picks columns of a star', `SELECT * ILIKE '%d' FROM ${FIVE} WHERE ID = 1`, [['1']]),
  rows('REPLACE changes a column of a star', `SELECT * REPLACE (QTY * 2 AS QTY) FROM ${FIVE} WHERE ID = 1`, [
    ['1', 'a', '20'],
  ]),
];

export const SET_CASES: readonly DialectCase[] = [...AGGREGATES, ...WINDOWS, ...SHAPES];
