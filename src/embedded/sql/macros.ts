/**
 * DuckDB macros that stand for Snowflake's functions, in memory.main, which is behind every session's own schema in the
 * search path.
 *
 * They are called SF_<name>, so that none shadows a function of DuckDB; those that must are the operators `/` and `%`, which
 * in Snowflake keep decimals and fail on zero. Parameters are spelled p_.. because a macro's own names would capture a
 * column of the same name. Forms of one macro differ in the number of parameters, or one is for TIMESTAMP_TZ.
 */
import { JSON_MACROS } from './macros-json.ts';
import { ZONED_MACROS, ZONED_TYPE } from './macros-zoned.ts';

const DIVISION_BY_ZERO = `error('[100051/22012] Division by zero')`;

const NUMBERS: readonly string[] = [
  // Scale of a quotient: that of the dividend + 6, at most 12, never less than it was (docs.snowflake.com, "Arithmetic operators").
  `SF_SCALE(p_t) AS CASE WHEN starts_with(p_t, 'DECIMAL') THEN CAST(regexp_extract(p_t, ',(\\d+)', 1) AS INTEGER) ELSE 0 END`,
  `SF_QUOTIENT_SCALE(p_t) AS greatest(SF_SCALE(p_t), least(SF_SCALE(p_t) + 6, 12))`,
  // There for its type only: a decimal of that scale, or DOUBLE as soon as one operand is.
  `SF_LIKE_QUOTIENT(p_a, p_b) AS round(p_a * 1.000000, CAST(SF_QUOTIENT_SCALE(typeof(p_a)) AS INTEGER)) + round(p_b, 0) * 0`,
  `SF_DIGITS(p_x) AS CAST(replace(CAST(p_x AS VARCHAR), '.', '') AS HUGEINT)`,
  `SF_POWER(p_n) AS CAST('1' || repeat('0', p_n) AS HUGEINT)`,
  `SF_WITH_POINT(p_q, p_s) AS CASE WHEN p_q < 0 THEN '-' ELSE '' END || CAST(abs(p_q) // SF_POWER(p_s) AS VARCHAR) || '.' || lpad(CAST(abs(p_q) % SF_POWER(p_s) AS VARCHAR), p_s, '0')`,
  `SF_LONG_DIVISION(p_a, p_b, p_k, p_s) AS SF_WITH_POINT(sign(p_a) * sign(p_b) * (abs(p_a) // abs(p_b) * p_k + (2 * (abs(p_a) % abs(p_b)) * p_k + abs(p_b)) // (2 * abs(p_b))), p_s)`,
  // A double is exact enough while the quotient is short and not near the middle between two results; else digit by digit, as
  // long as a remainder of the divisor's size has room for the digits to come.
  `SF_DIVIDE(p_a, p_b, p_q, p_s, p_n, p_m) AS CASE WHEN p_b = 0 THEN ${DIVISION_BY_ZERO}
     WHEN p_s < 0 OR (abs(p_q) * pow(10, p_n) < 1e12 AND abs(abs(p_q) * pow(10, p_n) % 1 - 0.5) > 0.001)
       OR abs(CAST(p_b AS DOUBLE)) * pow(10, p_n - p_s + 2 * p_m) > 5e37 THEN cast_to_type(p_q, SF_LIKE_QUOTIENT(p_a, p_b))
     ELSE cast_to_type(SF_LONG_DIVISION(SF_DIGITS(p_a), SF_DIGITS(p_b), SF_POWER(p_n - p_s + p_m), p_n), SF_LIKE_QUOTIENT(p_a, p_b)) END`,
  // Through a list, so that each operand stands in the text once however deep divisions are nested; coalesce gives NULL a type.
  // Scales: s and m those of dividend and divisor (s is below zero when one is a float), n that of the quotient.
  `"/"(p_a, p_b) AS list_transform(list_transform([{'a': coalesce(p_a, CASE WHEN false THEN 0 END), 'b': coalesce(p_b, CASE WHEN false THEN 0 END)}],
     lambda sf_d: {'a': sf_d.a, 'b': sf_d.b, 'q': system.main."/"(sf_d.a, sf_d.b), 'n': SF_QUOTIENT_SCALE(typeof(sf_d.a)), 'm': SF_SCALE(typeof(sf_d.b)),
       's': CASE WHEN typeof(sf_d.a) = 'DOUBLE' OR typeof(sf_d.b) = 'DOUBLE' THEN -1 ELSE SF_SCALE(typeof(sf_d.a)) END}),
     lambda sf_e: SF_DIVIDE(sf_e.a, sf_e.b, sf_e.q, sf_e.s, sf_e.n, sf_e.m))[1]`,
  `"%"(p_a, p_b) AS CASE WHEN p_b = 0 THEN ${DIVISION_BY_ZERO} ELSE system.main."%"(p_a, p_b) END`,
  `SF_MOD(p_a, p_b) AS p_a % p_b`,
  `SF_NVL2(p_a, p_b, p_c) AS CASE WHEN p_a IS NOT NULL THEN p_b ELSE p_c END`,
  `SF_ZEROIFNULL(p_a) AS coalesce(p_a, 0)`,
  `SF_NULLIFZERO(p_a) AS nullif(p_a, 0)`,
  `SF_EQUAL_NULL(p_a, p_b) AS p_a IS NOT DISTINCT FROM p_b`,
  `SF_DIV0(p_a, p_b) AS CASE WHEN p_b = 0 THEN 0 ELSE p_a / nullif(p_b, 0) END`,
  `SF_DIV0NULL(p_a, p_b) AS CASE WHEN coalesce(p_b, 0) = 0 THEN 0 ELSE p_a / nullif(p_b, 0) END`,
  `SF_SQUARE(p_a) AS p_a * p_a`,
  `SF_HAVERSINE(p_a, p_b, p_c, p_d) AS 2 * 6371 * asin(sqrt(pow(sin(radians(p_c - p_a) / 2), 2) + cos(radians(p_a)) * cos(radians(p_c)) * pow(sin(radians(p_d - p_b) / 2), 2)))`,
  `SF_TRUNC(p_a) AS trunc(p_a), (p_a, p_n) AS cast_to_type(trunc(CAST(p_a AS DECIMAL(38,12)) * CAST(pow(10, p_n) AS DECIMAL(18,6))) * CAST(pow(10, -p_n) AS DECIMAL(18,9)), round(p_a, p_n))`,
  `SF_WIDTH_BUCKET(p_x, p_min, p_max, p_n) AS CASE WHEN p_x < p_min THEN 0 WHEN p_x >= p_max THEN p_n + 1 ELSE CAST(floor(CAST(p_x - p_min AS DOUBLE) * p_n // CAST(p_max - p_min AS DOUBLE)) AS BIGINT) + 1 END`,
  `SF_BOOLAND(p_a, p_b) AS (p_a <> 0 AND p_b <> 0)`,
  `SF_BOOLOR(p_a, p_b) AS (p_a <> 0 OR p_b <> 0)`,
  `SF_BOOLNOT(p_a) AS (p_a = 0)`,
  `SF_BOOLXOR(p_a, p_b) AS ((p_a <> 0) <> (p_b <> 0))`,
  `SF_BITAND(p_a, p_b) AS CAST(p_a AS BIGINT) & CAST(p_b AS BIGINT)`,
  `SF_BITOR(p_a, p_b) AS CAST(p_a AS BIGINT) | CAST(p_b AS BIGINT)`,
  `SF_BITXOR(p_a, p_b) AS xor(CAST(p_a AS BIGINT), CAST(p_b AS BIGINT))`,
  `SF_BITNOT(p_a) AS ~CAST(p_a AS BIGINT)`,
  `SF_SHIFT_LEFT(p_a, p_b) AS CAST(p_a AS BIGINT) << CAST(p_b AS BIGINT)`,
  `SF_SHIFT_RIGHT(p_a, p_b) AS CAST(p_a AS BIGINT) >> CAST(p_b AS BIGINT)`,
  `SF_HASH(p_a) AS CAST(CAST(md5_number_lower(coalesce(CAST(p_a AS VARCHAR), chr(1))) AS HUGEINT) - 9223372036854775808 AS BIGINT)`,
  `SF_RANDOM() AS CAST(CAST(floor(random() * 9007199254740992) AS BIGINT) * 2047 - 9218868437227405312 AS BIGINT)`,
];

const TEXTS: readonly string[] = [
  `SF_TO_TEXT(p_x ${ZONED_TYPE}) AS CAST(strftime(SF_WALL(p_x), '%Y-%m-%d %H:%M:%S.%g ') || SF_OFFSET_TEXT(SF_MIN(p_x), '') AS VARCHAR), (p_x) AS CASE typeof(p_x)
     WHEN 'VARCHAR' THEN CAST(p_x AS VARCHAR)
     WHEN 'JSON' THEN json_extract_string(CAST(p_x AS VARCHAR), '$')
     WHEN 'DOUBLE' THEN regexp_replace(CAST(p_x AS VARCHAR), '\\.0$', '')
     WHEN 'TIMESTAMP' THEN strftime(TRY_CAST(CAST(p_x AS VARCHAR) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')
     WHEN 'TIMESTAMP WITH TIME ZONE' THEN strftime(TRY_CAST(CAST(p_x AS VARCHAR) AS TIMESTAMPTZ), '%Y-%m-%d %H:%M:%S.%g ') || replace(strftime(TRY_CAST(CAST(p_x AS VARCHAR) AS TIMESTAMPTZ), '%z'), '+00', '+0000')
     WHEN 'BLOB' THEN hex(CAST(CAST(p_x AS VARCHAR) AS BLOB))
     ELSE CAST(p_x AS VARCHAR) END`,
  `SF_TO_BINARY(p_x) AS CASE typeof(p_x) WHEN 'BLOB' THEN CAST(CAST(p_x AS VARCHAR) AS BLOB) ELSE unhex(CAST(p_x AS VARCHAR)) END`,
  `SF_INITCAP(p_s) AS array_to_string(list_transform(regexp_extract_all(lower(p_s), '[\\pL\\pN]+|[^\\pL\\pN]+'), lambda sf_w: upper(left(sf_w, 1)) || substr(sf_w, 2)), '')`,
  // H and W stand for nothing, vowels keep equal codes apart; neighbours of one code count once.
  `SF_SOUND_CODES(p_s) AS replace(translate(p_s, 'BFPVCGJKQSXZDTLMNRAEIOUYHW', '11112222222233455600000077'), '7', '')`,
  `SF_SOUND_ONCE(p_c) AS regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(p_c, '1+', '1', 'g'), '2+', '2', 'g'), '3+', '3', 'g'), '4+', '4', 'g'), '5+', '5', 'g'), '6+', '6', 'g')`,
  `SF_SOUND_TAIL(p_s) AS substr(SF_SOUND_ONCE(CASE WHEN p_s[1] IN ('H', 'W') THEN '0' ELSE '' END || SF_SOUND_CODES(p_s)), 2)`,
  `SF_LETTERS(p_s) AS regexp_replace(upper(p_s), '[^A-Z]', '', 'g')`,
  `SF_SOUNDEX(p_s) AS CASE WHEN SF_LETTERS(p_s) = '' THEN '' ELSE SF_LETTERS(p_s)[1] || left(replace(SF_SOUND_TAIL(SF_LETTERS(p_s)), '0', '') || '000', 3) END`,
  `SF_LPAD(p_s, p_n) AS lpad(CAST(p_s AS VARCHAR), CAST(p_n AS INTEGER), ' '), (p_s, p_n, p_p) AS lpad(CAST(p_s AS VARCHAR), CAST(p_n AS INTEGER), p_p)`,
  `SF_RPAD(p_s, p_n) AS rpad(CAST(p_s AS VARCHAR), CAST(p_n AS INTEGER), ' '), (p_s, p_n, p_p) AS rpad(CAST(p_s AS VARCHAR), CAST(p_n AS INTEGER), p_p)`,
  `SF_CHARINDEX(p_a, p_s) AS strpos(p_s, p_a), (p_a, p_s, p_n) AS CASE WHEN strpos(substr(p_s, p_n), p_a) = 0 THEN 0 ELSE strpos(substr(p_s, p_n), p_a) + p_n - 1 END`,
  `SF_INSERT(p_s, p_at, p_len, p_new) AS substr(p_s, 1, p_at - 1) || p_new || substr(p_s, p_at + p_len)`,
  `SF_SPACE(p_n) AS repeat(' ', p_n)`,
  `SF_TOKENS(p_s, p_d) AS list_filter(string_split_regex(p_s, '[' || regexp_escape(p_d) || ']'), lambda sf_w: sf_w <> '')`,
  `SF_STRTOK(p_s) AS SF_TOKENS(p_s, ' ')[1], (p_s, p_d) AS SF_TOKENS(p_s, p_d)[1], (p_s, p_d, p_n) AS SF_TOKENS(p_s, p_d)[p_n]`,
  `SF_STRTOK_TO_ARRAY(p_s) AS to_json(SF_TOKENS(p_s, ' ')), (p_s, p_d) AS to_json(SF_TOKENS(p_s, p_d))`,
  `SF_SPLIT(p_s, p_d) AS to_json(string_split(p_s, p_d))`,
  `SF_PATTERN(p_p, p_o) AS CASE WHEN regexp_matches(p_o, '[ims]') THEN '(?' || regexp_replace(p_o, '[^ims]', '', 'g') || ')' || p_p ELSE p_p END`,
  `SF_SPLIT_TO_TABLE(p_s, p_d, p_seq) AS TABLE SELECT p_seq AS "SEQ", sf_at AS "INDEX", string_split(p_s, p_d)[sf_at] AS "VALUE" FROM (SELECT unnest(range(1, len(string_split(p_s, p_d)) + 1)) AS sf_at) AS sf_split`,
  `SF_REGEXP_LIKE(p_s, p_p) AS regexp_full_match(p_s, p_p, 's'), (p_s, p_p, p_o) AS regexp_full_match(p_s, SF_PATTERN(p_p, p_o), 's')`,
  `SF_RLIKE(p_s, p_p) AS regexp_full_match(p_s, p_p, 's'), (p_s, p_p, p_o) AS regexp_full_match(p_s, SF_PATTERN(p_p, p_o), 's')`,
  `SF_REGEXP_COUNT(p_s, p_p) AS len(regexp_extract_all(p_s, p_p)), (p_s, p_p, p_n) AS len(regexp_extract_all(substr(p_s, p_n), p_p)), (p_s, p_p, p_n, p_o) AS len(regexp_extract_all(substr(p_s, p_n), SF_PATTERN(p_p, p_o)))`,
  `SF_REGEXP_REPLACE(p_s, p_p) AS regexp_replace(p_s, p_p, '', 'g'), (p_s, p_p, p_r) AS regexp_replace(p_s, p_p, p_r, 'g'), (p_s, p_p, p_r, p_n) AS substr(p_s, 1, p_n - 1) || regexp_replace(substr(p_s, p_n), p_p, p_r, 'g')`,
  `SF_REGEXP_SUBSTR(p_s, p_p) AS regexp_extract_all(p_s, p_p)[1], (p_s, p_p, p_n) AS regexp_extract_all(substr(p_s, p_n), p_p)[1],
     (p_s, p_p, p_n, p_k) AS regexp_extract_all(substr(p_s, p_n), p_p)[p_k],
     (p_s, p_p, p_n, p_k, p_o) AS regexp_extract_all(substr(p_s, p_n), SF_PATTERN(p_p, p_o), CASE WHEN contains(p_o, 'e') THEN 1 ELSE 0 END)[p_k],
     (p_s, p_p, p_n, p_k, p_o, p_g) AS regexp_extract_all(substr(p_s, p_n), SF_PATTERN(p_p, p_o), p_g)[p_k]`,
  `SF_REGEXP_INSTR(p_s, p_p) AS CASE WHEN regexp_matches(p_s, p_p) THEN strpos(p_s, regexp_extract(p_s, p_p)) ELSE 0 END,
     (p_s, p_p, p_n) AS CASE WHEN regexp_matches(substr(p_s, p_n), p_p) THEN strpos(substr(p_s, p_n), regexp_extract(substr(p_s, p_n), p_p)) + p_n - 1 ELSE 0 END`,
  `SF_REGEXP_SUBSTR_ALL(p_s, p_p) AS to_json(regexp_extract_all(p_s, p_p))`,
  `SF_SPLIT_PART(p_s, p_d, p_n) AS split_part(p_s, p_d, CASE WHEN p_n = 0 THEN 1 ELSE p_n END)`,
  `SF_SHA1(p_s) AS sha1(p_s)`,
  `SF_SHA2(p_s) AS sha256(p_s), (p_s, p_n) AS CASE WHEN p_n IN (0, 256) THEN sha256(p_s) ELSE error('[000002/0A000] Unsupported feature: SHA2 with a digest other than 256 bits is not in the embedded engine') END`,
  `SF_HEX_ENCODE(p_s) AS hex(p_s)`,
  `SF_HEX_DECODE_STRING(p_s) AS decode(unhex(p_s))`,
  `SF_HEX_DECODE_BINARY(p_s) AS unhex(p_s)`,
  `SF_BASE64_ENCODE(p_s) AS base64(encode(p_s))`,
  `SF_BASE64_DECODE_STRING(p_s) AS decode(from_base64(p_s))`,
  `SF_BASE64_DECODE_BINARY(p_s) AS from_base64(p_s)`,
];

const DATES: readonly string[] = [
  `SF_TO_TS(p_x) AS CASE
     WHEN typeof(p_x) IN ('INTEGER', 'BIGINT', 'HUGEINT', 'DOUBLE') OR starts_with(typeof(p_x), 'DECIMAL') THEN make_timestamp(CAST(TRY_CAST(CAST(p_x AS VARCHAR) AS DOUBLE) * 1000000 AS BIGINT))
     WHEN typeof(p_x) = 'JSON' THEN CAST(json_extract_string(CAST(p_x AS VARCHAR), '$') AS TIMESTAMP)
     ELSE CAST(CAST(p_x AS VARCHAR) AS TIMESTAMP) END`,
  `SF_MONTHNAME(p_d) AS strftime(CAST(p_d AS TIMESTAMP), '%b')`,
  `SF_DAYNAME(p_d) AS strftime(CAST(p_d AS TIMESTAMP), '%a')`,
  `SF_ADD_MONTHS(p_d, p_n) AS cast_to_type(CASE WHEN CAST(p_d AS DATE) = last_day(CAST(p_d AS DATE)) THEN last_day(CAST(p_d AS DATE) + to_months(CAST(p_n AS INTEGER))) ELSE p_d + to_months(CAST(p_n AS INTEGER)) END, p_d)`,
  `SF_WEEKDAY(p_w) AS CASE lower(left(p_w, 2)) WHEN 'su' THEN 0 WHEN 'mo' THEN 1 WHEN 'tu' THEN 2 WHEN 'we' THEN 3 WHEN 'th' THEN 4 WHEN 'fr' THEN 5 WHEN 'sa' THEN 6 END`,
  `SF_NEXT_DAY(p_d, p_w) AS CAST(p_d AS DATE) + CAST((SF_WEEKDAY(p_w) - dayofweek(CAST(p_d AS DATE)) + 6) % 7 + 1 AS INTEGER)`,
  `SF_PREVIOUS_DAY(p_d, p_w) AS CAST(p_d AS DATE) - CAST((dayofweek(CAST(p_d AS DATE)) - SF_WEEKDAY(p_w) + 6) % 7 + 1 AS INTEGER)`,
  `SF_MONTHS_APART(p_a, p_b) AS CAST(CASE
     WHEN day(p_a) = day(p_b) OR (CAST(p_a AS DATE) = last_day(CAST(p_a AS DATE)) AND CAST(p_b AS DATE) = last_day(CAST(p_b AS DATE))) THEN (year(p_a) - year(p_b)) * 12 + month(p_a) - month(p_b)
     ELSE (year(p_a) - year(p_b)) * 12 + month(p_a) - month(p_b) + system.main."/"(day(p_a) - day(p_b), 31.0) END AS DECIMAL(38,6))`,
  `SF_MONTHS_BETWEEN(p_a, p_b) AS SF_MONTHS_APART(CAST(p_a AS TIMESTAMP), CAST(p_b AS TIMESTAMP))`,
  `SF_TIME_FROM_PARTS(p_h, p_m, p_s) AS make_time(p_h, p_m, CAST(p_s AS DOUBLE))`,
  // Parts may be out of range: month 13 is January, day 0 the last of the month before.
  `SF_DATE_FROM_PARTS(p_y, p_mo, p_d) AS CAST(make_date(p_y, 1, 1) + to_months(CAST(p_mo - 1 AS INTEGER)) + to_days(CAST(p_d - 1 AS INTEGER)) AS DATE)`,
  `SF_TS_FROM_PARTS(p_y, p_mo, p_d, p_h, p_mi, p_s) AS CAST(SF_DATE_FROM_PARTS(p_y, p_mo, p_d) AS TIMESTAMP) + to_hours(p_h) + to_minutes(p_mi) + to_seconds(p_s),
     (p_y, p_mo, p_d, p_h, p_mi, p_s, p_n) AS CAST(SF_DATE_FROM_PARTS(p_y, p_mo, p_d) AS TIMESTAMP) + to_hours(p_h) + to_minutes(p_mi) + to_seconds(p_s) + to_microseconds(p_n // 1000)`,
];

/** Everything after CREATE MACRO, in the order of creation: a macro may use those before it. */
export const MACRO_DEFINITIONS: readonly string[] = [...NUMBERS, ...ZONED_MACROS, ...TEXTS, ...JSON_MACROS, ...DATES];
