/** The door to Grafana's HTTP API: the data source, a folder and dashboards, each made or replaced by its uid. */
import { AppError } from '../shared/errors.ts';

export interface Grafana {
  putDatasource(source: { readonly uid: string; readonly name: string; readonly url: string }): Promise<void>;
  putFolder(uid: string, title: string): Promise<void>;
  putDashboard(dashboard: Readonly<Record<string, unknown>>, folderUid: string): Promise<void>;
}

const TIMEOUT_MS = 15_000;
const SAID_MAX = 300;

/** @param authorization the value of the header, which no error ever carries */
export function grafanaAt(url: string, authorization: string | undefined): Grafana {
  const call = async (method: string, path: string, body: unknown, fine: readonly number[]): Promise<number> => {
    const fail = (reason: string, cause?: unknown) =>
      new AppError('MONITORING_FAILED', { what: `Grafana (${method} ${path})`, reason }, { cause });
    const headers = {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    };
    let answer: Response;
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      answer = await fetch(new URL(path, `${url.replace(/\/$/, '')}/`), {
        method,
        headers,
        body: JSON.stringify(body),
        signal,
        redirect: 'error',
      });
    } catch (error) {
      const { message, cause } = error as Error;
      throw fail(cause instanceof Error ? cause.message : message, error);
    }
    const said = (await answer.text()).slice(0, SAID_MAX);
    if (answer.ok || fine.includes(answer.status)) return answer.status;
    throw fail(`it answered ${answer.status}: ${said}`);
  };
  return {
    putDatasource: async ({ uid, name, url: prometheus }) => {
      const source = {
        uid,
        name,
        type: 'prometheus',
        access: 'proxy',
        url: prometheus,
        jsonData: { timeInterval: '15s' },
      };
      const status = await call('PUT', `api/datasources/uid/${uid}`, source, [404]);
      if (status === 404) await call('POST', 'api/datasources', source, []);
    },
    putFolder: async (uid, title) => void (await call('POST', 'api/folders', { uid, title }, [409, 412])),
    putDashboard: async (dashboard, folderUid) =>
      void (await call(
        'POST',
        'api/dashboards/db',
        { dashboard: { ...dashboard, id: null }, folderUid, overwrite: true },
        [],
      )),
  };
}
