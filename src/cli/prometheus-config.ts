/** Adds our jobs and rules to a Prometheus configuration and leaves everything else of it, comments too, as it is. */
import { isMap, isSeq, parseDocument, YAMLSeq } from 'yaml';

export const JOBS = ['snowflake-mcp', 'snowflake-mcp-server'] as const;

/**
 * @param target host:port of the primary's metrics
 * @returns the new text and what was added, in words; nothing added when all is there
 * @throws Error in words when the text is no such configuration
 */
export function withOurJobs(text: string, target: string, rules: string): { text: string; added: string[] } {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined) throw new Error(fault.message.split('\n')[0] ?? 'it is not YAML');
  if (document.contents !== null && !isMap(document.contents)) throw new Error('it is no map of keys');
  const added: string[] = [];
  const listAt = (key: string): YAMLSeq => {
    const there = document.get(key);
    if (isSeq(there)) return there;
    if (there !== undefined && there !== null) throw new Error(`${key} is not a list`);
    const made = new YAMLSeq();
    document.set(key, made);
    return made;
  };
  const ruleFiles = listAt('rule_files');
  const known = ruleFiles.toJSON() as unknown[];
  if (!known.includes(rules) && !known.includes('rules/*.yml')) {
    ruleFiles.add(document.createNode(rules));
    added.push(`rule_files: ${rules}`);
  }
  const jobs = listAt('scrape_configs');
  const names = (jobs.toJSON() as { job_name?: unknown }[]).map((job) => job?.job_name);
  if (!JOBS.some((name) => names.includes(name))) {
    const [name] = JOBS;
    jobs.add(document.createNode({ job_name: name, static_configs: [{ targets: [target] }] }));
    added.push(`the job ${name} for ${target}`);
  }
  return { text: added.length === 0 ? text : document.toString({ lineWidth: 0 }), added };
}
