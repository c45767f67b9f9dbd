import { expect, test } from 'vitest';
import { DriverError, type DriverFault } from '../../../../src/worker/snowflake/driver.ts';
import { mapDriverError, withoutValues } from '../../../../src/worker/snowflake/errors-map.ts';

const map = (fault: Partial<DriverFault>) =>
  mapDriverError(new DriverError({ stage: 'statement', code: '', message: 'm', ...fault }), 5000);

test.each<[string, Partial<DriverFault>, string]>([
  ['a compile error', { code: '002003', sqlState: '42S02' }, 'SQL_ERROR'],
  ['a conversion error', { code: '100038', sqlState: '22018' }, 'SQL_ERROR'],
  ['a gone session', { code: '390111' }, 'CONNECTION_LOST'],
  ['an invalid session', { code: '390104' }, 'CONNECTION_LOST'],
  ['an expired session', { code: '390114' }, 'CONNECTION_LOST'],
  ['a disconnected driver', { code: '407002', sqlState: '08003' }, 'CONNECTION_LOST'],
  ['a dead network', { code: '401001', network: 'ECONNRESET' }, 'SNOWFLAKE_UNREACHABLE'],
  ['a gateway error', { code: '401002', httpStatus: 502 }, 'SNOWFLAKE_UNREACHABLE'],
  ['a cancel', { code: '000604', sqlState: '57014' }, 'QUERY_CANCELLED'],
  ['a timeout', { code: '000630', sqlState: '57014' }, 'QUERY_TIMEOUT'],
  ['a lost chunk', { stage: 'rows', code: '402001' }, 'RESULT_UNREADABLE'],
  ['a bug of the driver', { code: '' }, 'INTERNAL'],
  ['a wrong password', { stage: 'login', code: '390100' }, 'SNOWFLAKE_AUTH'],
  ['a wrong option', { stage: 'login', code: '404007' }, 'SNOWFLAKE_AUTH'],
  ['a login without network', { stage: 'login', code: '401001' }, 'SNOWFLAKE_UNREACHABLE'],
  ['a login page that is none', { stage: 'login', code: '401002', httpStatus: 404 }, 'SNOWFLAKE_UNREACHABLE'],
])('errors: %s', (_what, fault, code) => {
  expect(map(fault).code).toBe(code);
});

test('errors: a refused key says what to look at, and keeps the id under which Snowflake tells more', () => {
  const id = '0ce9eb56-821d-4ca9-a774-04ae89a0cf5a';
  const { message } = map({ stage: 'login', code: '390144', message: `JWT token is invalid. [${id}]` });
  expect(message).toMatch(/RSA_PUBLIC_KEY.*hyphens.*clock.*SYSTEM\$GET_LOGIN_FAILURE_DETAILS/);
  expect(message).toContain(id);
});

test('errors: code, state and query id are kept', () => {
  const error = map({ code: '002003', sqlState: '42S02', queryId: 'q-1', message: "Table 'T' does not exist" });
  expect(error.details).toEqual({
    snowflakeCode: '002003',
    sqlState: '42S02',
    queryId: 'q-1',
    message: "Table 'T' does not exist",
  });
});

test('errors: a network reason names what the network said, a missing account is suspected on 404', () => {
  expect(map({ code: '401001', message: 'connect', network: 'ECONNREFUSED' }).message).toMatch(
    /ECONNREFUSED \(connect\)/,
  );
  expect(map({ stage: 'login', code: '401002', httpStatus: 404 }).message).toMatch(/HTTP status 404.*account name/);
});

test('errors: a foreign error is INTERNAL and keeps its cause', () => {
  const cause = new TypeError('x');
  expect(mapDriverError(cause, 0)).toMatchObject({ code: 'INTERNAL', cause });
});

test.each([
  ["Numeric value 'abc' is not recognized", "Numeric value '?' is not recognized"],
  ["Date '2026-99-99' is not recognized", "Date '?' is not recognized"],
  [
    'SQL compilation error:\nObject \'DB.PUBLIC."My T"\' does not exist or not authorized.',
    'SQL compilation error:\nObject \'DB.PUBLIC."My T"\' does not exist or not authorized.',
  ],
  [
    "error line 1 at position 7\ninvalid identifier 'T.NOCOL'",
    "error line 1 at position 7\ninvalid identifier 'T.NOCOL'",
  ],
  ["syntax error line 1 at position 0 unexpected 'SELEC'.", "syntax error line 1 at position 0 unexpected 'SELEC'."],
  ["syntax error line 1 at position 9 unexpected ''s3cret''.", "syntax error line 1 at position 9 unexpected '?'."],
  ["syntax error line 1 at position 9 unexpected '12345'.", "syntax error line 1 at position 9 unexpected '?'."],
  ['Failed to cast variant value {"to": "s3cret"} to FIXED', 'Failed to cast variant value ? to FIXED'],
  [
    'Number out of representable range: type FIXED[SB1](2,0), value 12345',
    'Number out of representable range: type FIXED[SB1](2,0), value ?',
  ],
  ["Database 'GRÖßE_テーブル' does not exist", "Database 'GRÖßE_テーブル' does not exist"],
  ["Table 'it is s3cret!' does not exist", "Table '?' does not exist"],
  ["Can't parse 'it''s s3cret' as date", "Can't parse '?' as date"],
  ["Numeric value 'it's s3cret' is not recognized", "Numeric value '?' is not recognized"],
  ["Failed on 'never closed", "Failed on '?'"],
  ["String 'a' b' too long", "String '?' too long"],
  ["String 'a' b' c' is too long and would be truncated", "String '?' is too long and would be truncated"],
  ["Numeric value 'a' b' is not recognized for column 'N'", "Numeric value '?' is not recognized for column 'N'"],
  ["Can't say: 'a' b' c' is odd", "Can't say: '?' is odd"],
  ['Error parsing JSON: unknown keyword "s3cret", pos 8', 'Error parsing JSON: unknown keyword "?", pos 8'],
  ['Error parsing JSON: unknown keyword "s3cret, pos 8', 'Error parsing JSON: unknown keyword "?"'],
  [
    '100382: Error parsing Geo input: POINT(s3cret. 1). Did not recognize valid GeoJSON, (E)WKT or (E)WKB.',
    '100382: Error parsing Geo input: ?. Did not recognize valid GeoJSON, (E)WKT or (E)WKB.',
  ],
  ['Cannot drop the table "My T" of schema "S"', 'Cannot drop the table "My T" of schema "S"'],
  ["Conversion failed\nLINE 1: SELECT 's3cret'", 'Conversion failed'],
])('errors: %j loses its values', (message, expected) => {
  expect(withoutValues(message)).toBe(expected);
});

test('withoutValues: a quote inside a value does not let its rest out', () => {
  expect(withoutValues("Numeric value 'x' hidden' is not recognized")).toBe("Numeric value '?' is not recognized");
  expect(withoutValues("Date '1', hidden' is not recognized")).toBe("Date '?' is not recognized");
  expect(withoutValues("Object 'DB.S.T' does not exist")).toBe("Object 'DB.S.T' does not exist");
});

test('errors: what a caller reads holds no value of the statement, and no secret of a login', () => {
  const refused = new DriverError({ stage: 'statement', code: '100038', sqlState: '22018', message: "value 's3cret'" });
  expect(mapDriverError(refused, 0).message).not.toContain('s3cret');
  const login = new DriverError({ stage: 'login', code: '390100', message: 'no: password=s3cret' });
  expect(mapDriverError(login, 0).message).not.toContain('s3cret');
  const away = new DriverError({ stage: 'statement', code: '401001', message: 'via http://u:s3cret@proxy:1' });
  expect(mapDriverError(away, 0).message).not.toContain('s3cret');
});
