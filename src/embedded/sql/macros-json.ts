/**
 * Macros for VARIANT, OBJECT and ARRAY, all of which are JSON in DuckDB. Conventions: macros.ts.
 */
import { ZONED_TYPE } from './macros-zoned.ts';

const list = (json: string) => `json_extract(${json}, '$[*]')`;

export const JSON_MACROS: readonly string[] = [
  `SF_AS(p_j, p_like) AS cast_to_type(CASE typeof(p_like) WHEN 'JSON' THEN CAST(p_j AS VARCHAR) ELSE json_extract_string(p_j, '$') END, p_like)`,
  `SF_PARSE_JSON(p_x) AS CASE WHEN trim(CAST(p_x AS VARCHAR)) = '' THEN NULL ELSE CAST(json(CAST(p_x AS VARCHAR)) AS JSON) END`,
  `SF_TRY_PARSE_JSON(p_x) AS CASE WHEN json_valid(CAST(p_x AS VARCHAR)) THEN CAST(json(CAST(p_x AS VARCHAR)) AS JSON) END`,
  `SF_TO_JSON(p_x) AS CAST(to_json(p_x) AS VARCHAR)`,
  `SF_TO_ARRAY(p_x) AS CASE WHEN p_x IS NULL THEN NULL WHEN json_type(to_json(p_x)) = 'ARRAY' THEN to_json(p_x) ELSE json_array(p_x) END`,
  `SF_STRIP_NULL_VALUE(p_j) AS CASE WHEN json_type(p_j) = 'NULL' THEN NULL ELSE p_j END`,
  `SF_IS_NULL_VALUE(p_j) AS json_type(p_j) = 'NULL'`,
  `SF_TYPEOF(p_j) AS CASE json_type(to_json(p_j)) WHEN 'UBIGINT' THEN 'INTEGER' WHEN 'BIGINT' THEN 'INTEGER' WHEN 'HUGEINT' THEN 'INTEGER' WHEN 'DOUBLE' THEN 'DECIMAL' WHEN 'NULL' THEN 'NULL_VALUE' ELSE json_type(to_json(p_j)) END`,
  `SF_IS_ARRAY(p_j) AS json_type(p_j) = 'ARRAY'`,
  `SF_IS_OBJECT(p_j) AS json_type(p_j) = 'OBJECT'`,
  `SF_IS_VARCHAR(p_j) AS json_type(p_j) = 'VARCHAR'`,
  `SF_IS_CHAR(p_j) AS json_type(p_j) = 'VARCHAR'`,
  `SF_IS_INTEGER(p_j) AS json_type(p_j) IN ('UBIGINT', 'BIGINT', 'HUGEINT')`,
  `SF_IS_DECIMAL(p_j) AS json_type(p_j) IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE')`,
  `SF_IS_DOUBLE(p_j) AS json_type(p_j) IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE')`,
  `SF_IS_BOOLEAN(p_j) AS json_type(p_j) = 'BOOLEAN'`,
  `SF_AS_VARCHAR(p_j) AS CASE WHEN json_type(p_j) = 'VARCHAR' THEN json_extract_string(p_j, '$') END`,
  `SF_AS_INTEGER(p_j) AS CASE WHEN json_type(p_j) IN ('UBIGINT', 'BIGINT', 'HUGEINT') THEN TRY_CAST(json_extract_string(p_j, '$') AS BIGINT) END`,
  `SF_AS_DOUBLE(p_j) AS CASE WHEN json_type(p_j) IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE') THEN TRY_CAST(json_extract_string(p_j, '$') AS DOUBLE) END`,
  `SF_AS_BOOLEAN(p_j) AS CASE WHEN json_type(p_j) = 'BOOLEAN' THEN TRY_CAST(json_extract_string(p_j, '$') AS BOOLEAN) END`,
  `SF_AS_ARRAY(p_j) AS CASE WHEN json_type(p_j) = 'ARRAY' THEN p_j END`,
  `SF_AS_OBJECT(p_j) AS CASE WHEN json_type(p_j) = 'OBJECT' THEN p_j END`,
  `SF_GET(p_j, p_k) AS json_extract(p_j, CASE WHEN typeof(p_k) = 'VARCHAR' THEN '$."' || CAST(p_k AS VARCHAR) || '"' ELSE '$[' || CAST(p_k AS VARCHAR) || ']' END)`,
  `SF_CHECK_JSON(p_x) AS CASE WHEN NOT json_valid(CAST(p_x AS VARCHAR)) THEN 'Error parsing JSON' END`,
  `SF_GET_PATH(p_j, p_k) AS json_extract(p_j, CASE WHEN starts_with(p_k, '[') THEN '$' ELSE '$.' END || p_k)`,

  `SF_ARRAY_SIZE(p_a) AS CASE WHEN json_type(p_a) = 'ARRAY' THEN CAST(json_array_length(p_a) AS BIGINT) END`,
  `SF_ARRAY_CONTAINS(p_v, p_a) AS list_contains(${list('p_a')}, to_json(p_v))`,
  `SF_ARRAY_POSITION(p_v, p_a) AS CAST(nullif(coalesce(list_position(${list('p_a')}, to_json(p_v)), 0), 0) AS BIGINT) - 1`,
  `SF_ARRAY_APPEND(p_a, p_v) AS to_json(list_append(${list('p_a')}, to_json(p_v)))`,
  `SF_ARRAY_PREPEND(p_a, p_v) AS to_json(list_prepend(to_json(p_v), ${list('p_a')}))`,
  `SF_ARRAY_CAT(p_a, p_b) AS CASE WHEN p_a IS NULL OR p_b IS NULL THEN NULL ELSE to_json(list_concat(${list('p_a')}, ${list('p_b')})) END`,
  `SF_ARRAY_SLICE(p_a, p_f, p_t) AS to_json(list_slice(${list('p_a')},
     CAST(CASE WHEN p_f < 0 THEN greatest(json_array_length(p_a)::BIGINT + p_f, 0) ELSE p_f END + 1 AS BIGINT),
     CAST(CASE WHEN p_t < 0 THEN json_array_length(p_a)::BIGINT + p_t ELSE p_t END AS BIGINT)))`,
  `SF_ARRAY_TO_STRING(p_a, p_s) AS array_to_string(list_transform(${list('p_a')}, lambda sf_e: coalesce(json_extract_string(sf_e, '$'), '')), p_s)`,
  `SF_SORTED(p_l) AS list_transform(list_sort(list_transform(p_l, lambda sf_e: {'n': TRY_CAST(json_extract_string(sf_e, '$') AS DOUBLE), 't': sf_e})), lambda sf_s: sf_s.t)`,
  `SF_ARRAY_DISTINCT(p_a) AS to_json(SF_SORTED(list_distinct(${list('p_a')})))`,
  `SF_ARRAY_SORT(p_a) AS to_json(SF_SORTED(${list('p_a')})), (p_a, p_up) AS to_json(CASE WHEN p_up THEN SF_SORTED(${list('p_a')}) ELSE list_reverse(SF_SORTED(${list('p_a')})) END)`,
  `SF_ARRAY_COMPACT(p_a) AS to_json(list_filter(${list('p_a')}, lambda sf_e: json_type(sf_e) <> 'NULL'))`,
  `SF_ARRAY_INTERSECTION(p_a, p_b) AS to_json(SF_SORTED(list_intersect(${list('p_a')}, ${list('p_b')})))`,
  `SF_ARRAY_EXCEPT(p_a, p_b) AS to_json(list_filter(${list('p_a')}, lambda sf_e: NOT list_contains(${list('p_b')}, sf_e)))`,
  `SF_ARRAYS_OVERLAP(p_a, p_b) AS list_has_any(${list('p_a')}, ${list('p_b')})`,
  `SF_ARRAY_MIN(p_a) AS SF_SORTED(${list('p_a')})[1]`,
  `SF_ARRAY_MAX(p_a) AS SF_SORTED(${list('p_a')})[-1]`,
  `SF_ARRAY_REVERSE(p_a) AS to_json(list_reverse(${list('p_a')}))`,
  `SF_ARRAY_GENERATE_RANGE(p_f, p_t) AS to_json(range(p_f, p_t)), (p_f, p_t, p_s) AS to_json(range(p_f, p_t, p_s))`,
  `SF_ARRAY_INSERT(p_a, p_n, p_v) AS to_json(list_concat(list_slice(${list('p_a')}, 1, p_n), [to_json(p_v)], list_slice(${list('p_a')}, p_n + 1, CAST(json_array_length(p_a) AS BIGINT))))`,
  `SF_ARRAY_REMOVE(p_a, p_v) AS to_json(list_filter(${list('p_a')}, lambda sf_e: sf_e <> to_json(p_v)))`,
  `SF_ARRAY_REMOVE_AT(p_a, p_n) AS to_json(list_concat(list_slice(${list('p_a')}, 1, p_n), list_slice(${list('p_a')}, p_n + 2, CAST(json_array_length(p_a) AS BIGINT))))`,
  `SF_ARRAY_FLATTEN(p_a) AS to_json(flatten(list_transform(${list('p_a')}, lambda sf_e: json_extract(sf_e, '$[*]'))))`,
  `SF_ARRAYS_TO_OBJECT(p_k, p_v) AS CAST('{' || array_to_string(list_transform(list_zip(${list('p_k')}, ${list('p_v')}), lambda sf_e: to_json(json_extract_string(sf_e[1], '$')) || ':' || sf_e[2]), ',') || '}' AS JSON)`,
  `SF_ARRAY_AGG(p_l) AS to_json(coalesce(p_l, []))`,

  `SF_OBJECT_KEYS(p_o) AS to_json(list_sort(json_keys(p_o)))`,
  `SF_OBJECT_INSERT(p_o, p_k, p_v) AS CASE WHEN json_exists(p_o, '$."' || p_k || '"') THEN error('[100184/22000] Duplicate field key') ELSE json_merge_patch(p_o, json_object(CAST(p_k AS VARCHAR), p_v)) END, (p_o, p_k, p_v, p_u) AS json_merge_patch(p_o, json_object(CAST(p_k AS VARCHAR), p_v))`,

  // A DuckDB type as Snowflake declares it, for columns that nobody declared (those of views).
  `SF_DECLARED(p_t) AS CASE
     WHEN starts_with(p_t, 'DECIMAL') THEN 'NUMBER' || substr(p_t, 8) WHEN p_t LIKE '%INT' OR p_t LIKE '%INTEGER' THEN 'NUMBER(38,0)'
     WHEN p_t IN ('DOUBLE', 'FLOAT') THEN 'FLOAT' WHEN p_t IN ('BOOLEAN', 'DATE') THEN p_t WHEN p_t = 'JSON' THEN 'VARIANT' WHEN p_t = 'BLOB' THEN 'BINARY(8388608)'
     WHEN p_t = '${ZONED_TYPE}' THEN 'TIMESTAMP_TZ(9)' WHEN p_t = 'TIME' THEN 'TIME(9)' WHEN p_t LIKE '%WITH TIME ZONE' THEN 'TIMESTAMP_LTZ(9)' WHEN starts_with(p_t, 'TIMESTAMP') THEN 'TIMESTAMP_NTZ(9)' ELSE 'VARCHAR(16777216)' END`,

  // FLATTEN. SEQ is given by input-rows.ts; a row of NULLs stands for an empty input when OUTER is true.
  `SF_FLATTEN(p_j, p_path, p_outer, p_deep, p_mode, p_seq) AS TABLE
     SELECT p_seq AS "SEQ", CASE WHEN sf_up = 'OBJECT' THEN sf_key END AS "KEY", sf_full AS "PATH",
       CASE WHEN sf_up = 'ARRAY' THEN TRY_CAST(sf_key AS BIGINT) END AS "INDEX", sf_value AS "VALUE", sf_this AS "THIS"
     FROM (
       SELECT key AS sf_key, coalesce(to_json(value), 'null'::JSON) AS sf_value, ltrim(p_path || substr(fullkey, 2), '.') AS sf_full,
         json_type(p_j, path) AS sf_up, json_extract(p_j, path) AS sf_this
       FROM json_tree(p_j) WHERE fullkey <> '$' AND (p_deep OR path = '$')
     ) AS sf_flat
     WHERE p_mode = 'BOTH' OR sf_up = p_mode
     UNION ALL
     SELECT p_seq, NULL, NULL, NULL, NULL, p_j WHERE p_outer AND (p_j IS NULL OR json_type(p_j) NOT IN ('ARRAY', 'OBJECT') OR p_j IN ('[]', '{}'))`,
];
