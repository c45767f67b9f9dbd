/**
 * What each SHOW answers: Snowflake's columns in Snowflake's order as far as they are known, and the rows.
 *
 * The lists follow the pages "SHOW <objects>" of docs.snowflake.com, its notes on changed behaviour up to 2025_07, and
 * listings that others have published; none was compared with an account. Snowflake appends columns with its releases, so
 * a client must read them by name.
 */
import { OWNER, ROLES, WAREHOUSES } from '../sql/context.ts';
import { SAMPLE_DATABASE } from '../sql/names.ts';
import { momentCell, momentColumn, numberColumn, textColumn } from '../sql/table-result.ts';
import type { EmbeddedSession, ResultColumn } from '../statement.ts';
import { typeJson } from './describe.ts';
import { type CatalogObject, type Entry, readColumns, readEntries, readObjects, type Scope } from './read.ts';

interface ShownRow {
  /** What LIKE, STARTS WITH and FROM look at. */
  readonly name: string;
  readonly cells: readonly (string | null)[];
}

export interface Shown {
  readonly columns: readonly ResultColumn[];
  /** The columns of TERSE that are not NULL; without, TERSE changes nothing. */
  readonly terse?: readonly string[];
  /** What TERSE calls all of them, where no column does. */
  readonly kind?: string;
  read(session: EmbeddedSession, scope: Scope): Promise<ShownRow[]>;
}

const NUMBERS = new Set(
  'rows bytes search_optimization_progress search_optimization_bytes actives pendings failed suspended min_cluster_count max_cluster_count started_clusters running queued auto_suspend query_acceleration_max_scale_factor assigned_to_users granted_to_roles granted_roles'.split(
    ' ',
  ),
);
const MOMENTS = new Set(['created_on', 'resumed_on', 'updated_on']);

function columns(names: string): ResultColumn[] {
  return names
    .split(' ')
    .map((name) =>
      NUMBERS.has(name) ? numberColumn(name) : MOMENTS.has(name) ? momentColumn(name) : textColumn(name),
    );
}

/** The columns of TERSE, of whatever it is asked. */
export const TERSE_COLUMNS = ['created_on', 'name', 'kind', 'database_name', 'schema_name'];

/** Cells in the order of `shown`, from an object by column name; '' where nothing is said. */
function inOrder(shown: readonly ResultColumn[], cells: Readonly<Record<string, string | null>>): (string | null)[] {
  return shown.map(({ name, type }) =>
    Object.hasOwn(cells, name) ? (cells[name] ?? null) : type === 'TEXT' ? '' : null,
  );
}

const yes = (is: boolean) => (is ? 'Y' : 'N');

const databaseColumns = columns(
  'created_on name is_default is_current origin owner comment options retention_time kind owner_role_type object_visibility',
);
const databases: Shown = {
  columns: databaseColumns,
  terse: ['created_on', 'name'],
  async read(session) {
    const entries = await readEntries(session.connection, { schema: '' });
    return entries.map((entry) => ({
      name: entry.database,
      cells: inOrder(databaseColumns, {
        ...entryCells(entry, entry.database === session.database),
        name: entry.database,
        origin: entry.database === SAMPLE_DATABASE ? `SFSALESSHARED.SAMPLES.${SAMPLE_DATABASE}` : '',
        kind: entry.database === SAMPLE_DATABASE ? 'IMPORTED DATABASE' : 'STANDARD',
        object_visibility: null,
      }),
    }));
  },
};

function entryCells(entry: Entry, isCurrent: boolean): Record<string, string | null> {
  return {
    created_on: momentCell(entry.createdMs),
    is_default: 'N',
    is_current: yes(isCurrent),
    owner: entry.schema === 'INFORMATION_SCHEMA' ? '' : OWNER,
    comment: entry.comment,
    retention_time: '1',
    owner_role_type: entry.schema === 'INFORMATION_SCHEMA' ? '' : 'ROLE',
  };
}

/** What a schema says of tags that are set by themselves, of which the engine knows none. */
const UNCLASSIFIED = {
  classification_profile_database: null,
  classification_profile_schema: null,
  classification_profile: null,
  object_visibility: null,
  is_nested: 'false',
};

const schemaColumns = columns(
  'created_on name is_default is_current database_name owner comment options retention_time owner_role_type classification_profile_database classification_profile_schema classification_profile object_visibility is_nested',
);
const schemas: Shown = {
  columns: schemaColumns,
  terse: ['created_on', 'name', 'database_name'],
  async read(session, scope) {
    const entries = await readEntries(session.connection, { database: scope.database });
    return entries
      .filter((entry) => entry.schema !== '')
      .map((entry) => ({
        name: entry.schema,
        cells: inOrder(schemaColumns, {
          ...entryCells(entry, entry.database === session.database && entry.schema === session.schema),
          name: entry.schema,
          database_name: entry.database,
          ...UNCLASSIFIED,
        }),
      }));
  },
};

const tableColumns = columns(
  'created_on name database_name schema_name kind comment cluster_by rows bytes owner retention_time automatic_clustering change_tracking search_optimization search_optimization_progress search_optimization_bytes is_external enable_schema_evolution owner_role_type is_event is_hybrid is_iceberg is_dynamic is_immutable',
);
const viewColumns = columns(
  'created_on name reserved database_name schema_name owner comment text is_secure is_materialized owner_role_type change_tracking',
);
const objectColumns = columns(
  'created_on name database_name schema_name kind comment cluster_by rows bytes owner retention_time owner_role_type is_hybrid is_dynamic is_iceberg is_interactive',
);

function objectCells(object: CatalogObject): Record<string, string | null> {
  const { meta, isView } = object;
  return {
    created_on: momentCell(meta.createdMs),
    name: object.name,
    database_name: object.database,
    schema_name: object.schema,
    kind: meta.kind,
    comment: meta.comment,
    rows: isView ? null : String(object.rows),
    bytes: isView ? null : String(object.rows * 64),
    owner: OWNER,
    owner_role_type: 'ROLE',
    retention_time: '1',
    automatic_clustering: 'OFF',
    change_tracking: 'OFF',
    search_optimization: 'OFF',
    search_optimization_progress: null,
    search_optimization_bytes: null,
    is_external: 'N',
    enable_schema_evolution: 'N',
    is_event: 'N',
    is_hybrid: 'N',
    is_interactive: 'N',
    is_iceberg: 'N',
    is_dynamic: 'N',
    is_immutable: 'N',
    text: meta.ddl ?? '',
    is_secure: String(meta.kind === 'SECURE VIEW'),
    is_materialized: 'false',
  };
}

function objects(
  shown: readonly ResultColumn[],
  keep: (object: CatalogObject) => boolean,
  kind?: (object: CatalogObject) => string,
): Shown {
  return {
    columns: shown,
    terse: TERSE_COLUMNS,
    async read(session, scope) {
      const found = await readObjects(session.connection, scope);
      return found.filter(keep).map((object) => {
        const cells = objectCells(object);
        return { name: object.name, cells: inOrder(shown, kind ? { ...cells, kind: kind(object) } : cells) };
      });
    },
  };
}

const columnColumns = columns(
  'table_name schema_name column_name data_type null? default kind expression comment database_name autoincrement schema_evolution_record',
);
const columnShown: Shown = {
  columns: columnColumns,
  async read(session, scope) {
    const found = await readColumns(session.connection, scope);
    return found.map((column) => ({
      name: column.name,
      cells: inOrder(columnColumns, {
        table_name: column.table,
        schema_name: column.schema,
        column_name: column.name,
        data_type: typeJson(column.declared, column.nullable),
        'null?': column.nullable ? 'true' : 'NOT_NULL',
        default: column.default ?? '',
        kind: 'COLUMN',
        comment: column.meta.comment ?? '',
        database_name: column.database,
        schema_evolution_record: null,
      }),
    }));
  },
};

const warehouseColumns = columns(
  'name state type size min_cluster_count max_cluster_count started_clusters running queued is_default is_current auto_suspend auto_resume available provisioning quiescing other created_on resumed_on updated_on owner comment enable_query_acceleration query_acceleration_max_scale_factor resource_monitor actives pendings failed suspended uuid scaling_policy owner_role_type resource_constraint generation query_throughput_multiplier max_query_performance_level disabled_reasons tables',
);
const warehouses: Shown = {
  columns: warehouseColumns,
  async read(session) {
    const created = (await readEntries(session.connection, { schema: '' }))[0]?.createdMs ?? 0;
    return WAREHOUSES.map((name) => ({
      name,
      cells: inOrder(warehouseColumns, {
        name,
        state: name === session.warehouse ? 'STARTED' : 'SUSPENDED',
        type: 'STANDARD',
        size: 'X-Small',
        min_cluster_count: '1',
        max_cluster_count: '1',
        started_clusters: name === session.warehouse ? '1' : '0',
        running: name === session.warehouse ? '1' : '0',
        queued: '0',
        is_default: yes(name === WAREHOUSES[0]),
        is_current: yes(name === session.warehouse),
        auto_suspend: '60',
        auto_resume: 'true',
        created_on: momentCell(created),
        resumed_on: momentCell(created),
        updated_on: momentCell(created),
        owner: OWNER,
        enable_query_acceleration: 'false',
        query_acceleration_max_scale_factor: '8',
        resource_monitor: 'null',
        scaling_policy: 'STANDARD',
        actives: '0',
        pendings: '0',
        failed: '0',
        suspended: '0',
        owner_role_type: 'ROLE',
        resource_constraint: 'STANDARD_GEN_1',
        generation: '1',
        query_throughput_multiplier: null,
        max_query_performance_level: null,
        disabled_reasons: null,
        tables: null,
      }),
    }));
  },
};

const parameterColumns = columns('key value default level description type');
const parameters: Shown = {
  columns: parameterColumns,
  async read(session) {
    const sorted = [...session.parameters].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.map(([key, value]) => ({
      name: key,
      cells: inOrder(parameterColumns, { key, value, level: 'SESSION', type: parameterType(value) }),
    }));
  },
};

function parameterType(value: string): string {
  if (/^(true|false)$/i.test(value)) return 'BOOLEAN';
  return /^\d+$/.test(value) ? 'NUMBER' : 'STRING';
}

const roleColumns = columns(
  'created_on name is_default is_current is_inherited assigned_to_users granted_to_roles granted_roles owner comment is_from_organization_user_group',
);
const roles: Shown = {
  columns: roleColumns,
  async read(session) {
    const created = (await readEntries(session.connection, { schema: '' }))[0]?.createdMs ?? 0;
    return ROLES.map((name) => ({
      name,
      cells: inOrder(roleColumns, {
        created_on: momentCell(created),
        name,
        is_default: yes(name === OWNER),
        is_current: yes(name === session.role),
        is_inherited: 'N',
        assigned_to_users: name === OWNER ? '1' : '0',
        granted_to_roles: '0',
        granted_roles: '0',
        is_from_organization_user_group: 'N',
      }),
    }));
  },
};

export const SHOWS = {
  DATABASES: databases,
  SCHEMAS: schemas,
  TABLES: objects(tableColumns, (object) => !object.isView),
  VIEWS: { ...objects(viewColumns, (object) => object.isView), kind: 'VIEW' },
  // Whether a table is transient only SHOW TABLES tells.
  OBJECTS: objects(
    objectColumns,
    () => true,
    (object) => (object.isView ? 'VIEW' : 'TABLE'),
  ),
  COLUMNS: columnShown,
  WAREHOUSES: warehouses,
  PARAMETERS: parameters,
  ROLES: roles,
} satisfies Readonly<Record<string, Shown>>;

export function isShown(kind: string): kind is keyof typeof SHOWS {
  return Object.hasOwn(SHOWS, kind);
}
