/**
 * Functions that mean the session (CURRENT_DATABASE() ...), answered with a literal.
 */
import { SnowflakeError } from '../errors.ts';
import type { EmbeddedSession } from '../statement.ts';
import { quoteText } from './nodes.ts';

const ACCOUNT = 'EMBEDDED';
const ORGANIZATION = 'LOCAL';
/** The release of Snowflake whose behaviour the engine follows. */
const VERSION = '9.38.0';

export function contextValue(name: string, args: readonly string[], session: EmbeddedSession): string {
  const value = answerOf(name, args, session);
  return value === undefined ? 'CAST(NULL AS VARCHAR)' : quoteText(value);
}

function answerOf(name: string, args: readonly string[], session: EmbeddedSession): string | undefined {
  switch (name) {
    case 'CURRENT_DATABASE':
      return session.database;
    case 'CURRENT_SCHEMA':
      return session.schema;
    case 'CURRENT_SCHEMAS':
      return session.schema === undefined ? '[]' : `["${session.database}.${session.schema}"]`;
    case 'CURRENT_WAREHOUSE':
      return session.warehouse;
    case 'CURRENT_ROLE':
      return session.role;
    case 'CURRENT_SECONDARY_ROLES':
      return '{"roles":"","value":""}';
    case 'CURRENT_AVAILABLE_ROLES':
      return JSON.stringify(ROLES);
    case 'CURRENT_USER':
      return session.user;
    case 'CURRENT_ACCOUNT':
    case 'CURRENT_ACCOUNT_NAME':
      return ACCOUNT;
    case 'CURRENT_ORGANIZATION_NAME':
      return ORGANIZATION;
    case 'CURRENT_SESSION':
      return session.id;
    case 'CURRENT_VERSION':
      return VERSION;
    case 'CURRENT_REGION':
      return 'LOCAL_EMBEDDED';
    case 'CURRENT_CLIENT':
      return 'embedded';
    case 'CURRENT_IP_ADDRESS':
      return '127.0.0.1';
    case 'LAST_QUERY_ID':
      return lastQueryId(args[0], session);
    default:
      throw new SnowflakeError('002140', '42601', `SQL compilation error:\nUnknown function ${name}.`);
  }
}

export const ROLES = ['ACCOUNTADMIN', 'DEMO_ROLE', 'PUBLIC', 'SYSADMIN'];
/** Who owns everything that is made here. */
export const OWNER = 'DEMO_ROLE';
export const WAREHOUSES = ['DEMO_WH', 'REPORTING_WH'];

/** -1 is the latest statement before this one, 1 the first of the session. */
function lastQueryId(position: string | undefined, session: EmbeddedSession): string | undefined {
  const at = Number((position ?? '-1').replaceAll(' ', ''));
  return at > 0 ? session.queryIds[at - 1] : session.queryIds.at(at);
}
