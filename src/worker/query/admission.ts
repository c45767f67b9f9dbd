/**
 * Who gets past the gate: each decision is made here, leaves its line in the audit log, and a refusal is thrown.
 *
 * The parser may still load, or be on its way back after a text that broke it: that is waited for.
 */
import { AppError } from '../../shared/errors.ts';
import { createGate, type Gate } from './gate.ts';
import { nameHome } from './place.ts';
import type { Decision, GatePolicy, WriteDecision } from './policy.ts';
import { type RecordParts, recordDecision } from './record.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { QueryRequest } from './request.ts';

export type Permission = Decision & { readonly verdict: 'allow' };

export interface AdmissionOptions extends RecordParts {
  readonly policy: GatePolicy;
  /** Where names without a database or schema belong to, unless a request says otherwise. */
  readonly configured: { readonly database?: string | undefined; readonly schema?: string | undefined };
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #gate: Gate;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#gate = createGate(options.policy);
  }

  async warm(): Promise<void> {
    await this.#gate.warm();
  }

  /** A read that a caller waits for. @throws AppError SQL_REFUSED */
  async read(request: QueryRequest): Promise<Permission> {
    const home = this.#homeOf(request);
    let decision = this.#gate.check(request.sql, home);
    if (decision.verdict === 'refuse' && decision.reason === 'parser-unavailable') {
      await this.#gate.warm();
      decision = this.#gate.check(request.sql, home);
    }
    this.#record(request, decision);
    if (decision.verdict === 'allow') return decision;
    throw refused(decision);
  }

  /** A read whose result is fetched later, when no row of it can be left out any more. @throws AppError SQL_REFUSED */
  async submitted(request: QueryRequest): Promise<Permission> {
    const permission = await this.read(request);
    if (permission.kind !== 'show' || this.#options.policy.objects.isOpen) return permission;
    throw refused(refuse('object', 'SHOW as a submitted statement beside object lists'));
  }

  /** The kind of a statement that may write; only a refusal is recorded. @throws AppError SQL_REFUSED */
  async checkWrite(request: QueryRequest): Promise<string> {
    await this.#gate.warm();
    const decision = this.#gate.checkWrite(request.sql, this.#homeOf(request));
    if (decision.verdict === 'allow') return decision.kind;
    this.#record(request, decision);
    throw refused(decision);
  }

  /** As `checkWrite`, for a statement that is sent next. */
  async write(request: QueryRequest): Promise<string> {
    const kind = await this.checkWrite(request);
    this.#record(request, { verdict: 'allow', kind, objects: [] });
    return kind;
  }

  /** A statement of this server's own, whose names a caller gave. @throws AppError SQL_REFUSED */
  async catalog(request: QueryRequest): Promise<void> {
    if (this.#options.policy.objects.isOpen) return;
    await this.#gate.warm();
    const refusal = this.#gate.checkCatalog(request.sql, this.#homeOf(request));
    if (refusal === undefined) return;
    this.#record(request, refusal);
    throw refused(refusal);
  }

  #homeOf(request: QueryRequest) {
    return nameHome(request, this.#options.configured);
  }

  #record(request: QueryRequest, decision: Decision | WriteDecision): void {
    recordDecision(this.#options, request.caller, request.sql, decision);
  }
}

function refused({ reason, detail, next }: Refusal): AppError {
  return new AppError('SQL_REFUSED', { reason, detail, next });
}
