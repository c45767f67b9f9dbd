/**
 * TIMESTAMP_TZ, which DuckDB does not have: a moment and the offset it was written with, in minutes. Conventions: macros.ts.
 *
 * Each macro has a form for that pair and one that gives any other value back as it is, so they can stand around a value
 * whose type the rewriter does not know. Comparisons look at the moment only, everything about dates at the clock on the
 * wall there.
 */

/** DuckDB's type of a TIMESTAMP_TZ, as it names it in its catalog. */
export const ZONED_TYPE = 'STRUCT(sf_utc TIMESTAMP WITH TIME ZONE, sf_min SMALLINT)';

/** Whether a result column or a catalog entry of DuckDB is a TIMESTAMP_TZ. */
export function isZonedType(type: string): boolean {
  return type.replaceAll('"', '') === ZONED_TYPE;
}

export const ZONED_MACROS: readonly string[] = [
  `SF_OFFSET(p_o) AS CASE WHEN p_o = '' THEN 0 ELSE CASE WHEN starts_with(p_o, '-') THEN -1 ELSE 1 END * (CAST(substr(p_o, 2, 2) AS INTEGER) * 60 + coalesce(TRY_CAST(replace(substr(p_o, 4), ':', '') AS INTEGER), 0)) END`,
  `SF_OFFSET_TEXT(p_m, p_colon) AS CASE WHEN p_m < 0 THEN '-' ELSE '+' END || lpad(CAST(abs(p_m) // 60 AS VARCHAR), 2, '0') || p_colon || lpad(CAST(abs(p_m) % 60 AS VARCHAR), 2, '0')`,
  // An untyped NULL takes the form for the pair, so that form says what it is and what is in it.
  `SF_PAIR(p_x) AS CAST(p_x AS ${ZONED_TYPE})`,
  `SF_UTC(p_x) AS CAST(SF_PAIR(p_x).sf_utc AS TIMESTAMP WITH TIME ZONE)`,
  `SF_MIN(p_x) AS CAST(SF_PAIR(p_x).sf_min AS SMALLINT)`,
  `SF_ZONED(p_utc, p_m) AS CASE WHEN p_utc IS NULL THEN NULL ELSE CAST({'sf_utc': p_utc, 'sf_min': p_m} AS ${ZONED_TYPE}) END`,
  `SF_ZONED_TEXT(p_s) AS SF_ZONED(
     CAST(regexp_replace(p_s, '(:\\d{2}(?:\\.\\d+)?)\\s*([+-]\\d{2}):?(\\d{2})$', '\\1\\2:\\3') AS TIMESTAMP WITH TIME ZONE),
     SF_OFFSET(regexp_extract(p_s, ':\\d{2}(?:\\.\\d+)?\\s*([+-]\\d{2}:?\\d{0,2})$', 1)))`,
  `SF_TO_TZ(p_x ${ZONED_TYPE}) AS SF_PAIR(p_x), (p_x) AS SF_ZONED_TEXT(CASE typeof(p_x) WHEN 'JSON' THEN json_extract_string(CAST(p_x AS VARCHAR), '$') ELSE CAST(p_x AS VARCHAR) END)`,
  `SF_INSTANT(p_x ${ZONED_TYPE}) AS SF_UTC(p_x), (p_x) AS p_x`,
  `SF_WALL(p_x ${ZONED_TYPE}) AS timezone('UTC', SF_UTC(p_x)) + to_minutes(SF_MIN(p_x)), (p_x) AS p_x`,
  `SF_BACK(p_w, p_like ${ZONED_TYPE}) AS SF_ZONED(timezone('UTC', CAST(p_w AS TIMESTAMP) - to_minutes(SF_MIN(p_like))), SF_MIN(p_like)), (p_w, p_like) AS p_w`,
  `SF_WRITTEN_OFFSET(p_x ${ZONED_TYPE}, p_colon) AS SF_OFFSET_TEXT(SF_MIN(p_x), p_colon), (p_x, p_colon) AS '+00' || p_colon || '00'`,
  `SF_VARIANT(p_x ${ZONED_TYPE}) AS strftime(SF_WALL(p_x), '%Y-%m-%d %H:%M:%S.%g ') || SF_OFFSET_TEXT(SF_MIN(p_x), ''), (p_x) AS p_x`,
  `SF_AT_ZONE(p_z, p_t) AS SF_ZONED(p_t, date_diff('minute', timezone('UTC', p_t), timezone(p_z, p_t)))`,
];
