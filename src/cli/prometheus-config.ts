/** Adds our jobs and rules to a Prometheus configuration and leaves everything else of it, comments too, as it is. */
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, YAMLSeq } from 'yaml';

export const JOBS = ['snowflake-mcp', 'snowflake-mcp-server'] as const;
export type Job = (typeof JOBS)[number];

export interface Wanted {
  /** Of the primaries' metrics, each host:port. */
  readonly targets: readonly string[];
  /** Undefined: those of ours that are there already, or both. */
  readonly jobs: readonly Job[] | undefined;
  readonly rules: string;
  /** host:port of an Alertmanager, told where the configuration names none; undefined leaves that to its owner. */
  readonly alertmanager?: string | undefined;
}

/**
 * @returns the new text and what was added, in words; nothing added when all is there
 * @throws Error in words when the text is no such configuration
 */
export function withOurJobs(text: string, wanted: Wanted): { text: string; added: string[] } {
  const { targets, jobs, rules, alertmanager } = wanted;
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined) throw new Error(fault.message.split('\n')[0] ?? 'it is not YAML');
  if (document.contents !== null && !isMap(document.contents)) throw new Error('it is no map of keys');
  const added: string[] = [];
  const ruleFiles = listAt(document, 'rule_files');
  const known = ruleFiles.toJSON() as unknown[];
  if (!known.includes(rules) && !known.includes('rules/*.yml')) {
    ruleFiles.add(document.createNode(rules));
    added.push(`rule_files: ${rules}`);
  }
  if (alertmanager !== undefined && (document.get('alerting') ?? undefined) === undefined) {
    const alertmanagers = [{ static_configs: [{ targets: [alertmanager] }] }];
    document.set('alerting', document.createNode({ alertmanagers }));
    added.push(`alerting: ${alertmanager}`);
  }
  const scrapes = listAt(document, 'scrape_configs');
  const there = JOBS.filter((name) => jobNamed(scrapes, name) !== undefined);
  for (const name of jobs ?? (there.length > 0 ? there : JOBS)) {
    const missing = addTargets(document, scrapes, name, targets);
    if (missing.length > 0) added.push(`the job ${name} for ${missing.join(', ')}`);
  }
  return { text: added.length === 0 ? text : document.toString({ lineWidth: 0 }), added };
}

function listAt(document: Document, key: string): YAMLSeq {
  const there = document.get(key);
  if (isSeq(there)) return there;
  if (there !== undefined && there !== null) throw new Error(`${key} is not a list`);
  const made = new YAMLSeq();
  document.set(key, made);
  return made;
}

function jobNamed(scrapes: YAMLSeq, name: string): YAMLMap | undefined {
  return scrapes.items.filter((item) => isMap(item)).find((job) => job.get('job_name') === name);
}

/** A job that finds its targets by itself is left as it is. @returns those that were not there */
function addTargets(document: Document, scrapes: YAMLSeq, name: Job, targets: readonly string[]): readonly string[] {
  const job = jobNamed(scrapes, name);
  if (job === undefined) {
    scrapes.add(document.createNode({ job_name: name, static_configs: [{ targets }] }));
    return targets;
  }
  const fixed = job.get('static_configs');
  const lists = (isSeq(fixed) ? fixed.items : [])
    .filter((item) => isMap(item))
    .map((item) => item.get('targets'))
    .filter((list) => isSeq(list));
  const known = lists.flatMap((list) => list.toJSON() as unknown[]);
  const missing = lists.length === 0 ? [] : targets.filter((target) => !known.includes(target));
  for (const target of missing) lists[0]?.add(document.createNode(target));
  return missing;
}
