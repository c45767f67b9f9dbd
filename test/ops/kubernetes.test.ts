/**
 * The Kubernetes files as `kubectl apply -k` would send them: each overlay is built by kubectl and held against the
 * types of the API, where an unknown key or a wrong kind of value is an error. No cluster is asked.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../support/process.ts';

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // The rest is held against the API's types, not these.
  readonly spec?: Record<string, unknown>;
}

const OVERLAYS = ['base', 'overlays/development', 'overlays/production', 'overlays/redis'] as const;
const FROM: Readonly<Record<string, string>> = { 'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator' };
/** Below the package, so that the compiler finds its packages. */
const dir = mkdtempSync(join(ROOT, 'node_modules/.kubernetes-test-'));
const built = new Map<string, readonly Resource[]>();

function build(overlay: string): readonly Resource[] {
  const text = execFileSync('kubectl', ['kustomize', join(ROOT, 'deploy/kubernetes', overlay)], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => document.toJS() as Resource);
}

/** What the compiler says about the resources; empty when all is well. */
function compile(resources: readonly Resource[]): string {
  const lines = resources.map(({ apiVersion, kind }, index) => {
    const module = FROM[apiVersion] ?? 'kubernetes-models';
    return `import type { I${kind} as T${index} } from '${module}/${apiVersion}';
export const r${index}: T${index} = ${JSON.stringify(resources[index])};`;
  });
  const file = join(dir, 'resources.ts');
  writeFileSync(file, lines.join('\n'));
  try {
    const flags = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--ignoreConfig',
      '--module',
      'nodenext',
      '--target',
      'es2023',
    ];
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags, file], {
      encoding: 'utf8',
    });
    return '';
  } catch (error) {
    return String((error as { stdout?: string }).stdout);
  }
}

const find = (overlay: string, kind: string) => built.get(overlay)?.filter((resource) => resource.kind === kind) ?? [];

beforeAll(() => {
  for (const overlay of OVERLAYS) built.set(overlay, build(overlay));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe.each(OVERLAYS)('kubernetes: %s', (overlay) => {
  test('every resource is of the shape that the API takes', () => {
    expect(compile(built.get(overlay) ?? [])).toBe('');
  });

  test('the pod runs as nobody in particular, on a root it cannot write, with probes, limits and time to drain', () => {
    const [deployment] = find(overlay, 'Deployment');
    expect(deployment?.metadata.name).toBe('snowflake-mcp-server');
    expect(deployment).toMatchObject({
      spec: {
        template: {
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 40,
            securityContext: { runAsNonRoot: true, runAsUser: 1000 },
            containers: [
              {
                startupProbe: { httpGet: { path: '/livez' } },
                livenessProbe: { httpGet: { path: '/livez' } },
                readinessProbe: { httpGet: { path: '/readyz' } },
                lifecycle: { preStop: {} },
                resources: { limits: { memory: expect.any(String) as string } },
                securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
                envFrom: [{ secretRef: { name: 'snowflake-mcp' } }],
              },
            ],
          },
        },
      },
    });
    expect(find(overlay, 'Secret')).toEqual([]);
    expect(find(overlay, 'PodDisruptionBudget')).toHaveLength(1);
    expect(find(overlay, 'NetworkPolicy').length).toBeGreaterThan(0);
  });
});

test('kubernetes: a wrong kind of value and an unknown key are found by this check', () => {
  const wrong = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'x' }, automountServiceAccountToken: 3 };
  expect(compile([wrong as Resource])).toContain('not assignable');
  const unknown = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'x' }, automountToken: true };
  expect(compile([unknown as Resource])).toContain('automountToken');
});

test('kubernetes: only the overlay with the shared store has several replicas and scales by itself', () => {
  for (const overlay of OVERLAYS) {
    const isShared = overlay === 'overlays/redis';
    expect(find(overlay, 'HorizontalPodAutoscaler')).toHaveLength(isShared ? 1 : 0);
    expect(find(overlay, 'Deployment')[0]?.spec?.replicas).toBe(isShared ? 2 : 1);
  }
});

test('kubernetes: the image is of this version', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(JSON.stringify(find('base', 'Deployment'))).toContain(`"image":"snowflake-mcp:${version}"`);
});
