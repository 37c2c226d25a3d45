/**
 * A record store in memory for Credo.
 *
 * Credo takes its storage as a module. The one that is published for Node (`@credo-ts/askar`) wants a native library whose installer
 * fetches from GitHub, so this one keeps records in a map. It is configuration of the peer by its public interface.
 */
import { InjectionSymbols, JsonTransformer, RecordDuplicateError, RecordNotFoundError } from '@credo-ts/core';
import type { AgentContext, BaseRecord, DependencyManager, Module, Query, StorageService } from '@credo-ts/core';

type AnyRecord = BaseRecord<any, any, any>;
type Kind<T> = { type: string; new (...args: any[]): T };
interface Kept {
  json: Record<string, unknown>;
  tags: Record<string, unknown>;
}

export class MemoryStorageService<T extends AnyRecord> implements StorageService<T> {
  readonly supportsCursorPagination = false;
  readonly #records = new Map<string, Kept>();

  async save(_: AgentContext, record: T): Promise<void> {
    if (this.#records.has(name(record))) throw new RecordDuplicateError('the record exists', { recordType: record.type });
    this.#keep(record);
  }

  async update(_: AgentContext, record: T): Promise<void> {
    this.#must(record.type, record.id);
    this.#keep(record);
  }

  async delete(_: AgentContext, record: T): Promise<void> {
    this.#must(record.type, record.id);
    this.#records.delete(name(record));
  }

  async deleteById(_: AgentContext, kind: Kind<T>, id: string): Promise<void> {
    this.#must(kind.type, id);
    this.#records.delete(`${kind.type}/${id}`);
  }

  async getById(_: AgentContext, kind: Kind<T>, id: string): Promise<T> {
    return revive(kind, this.#must(kind.type, id));
  }

  async getAll(_: AgentContext, kind: Kind<T>): Promise<T[]> {
    return this.#of(kind).map((kept) => revive(kind, kept));
  }

  async findByQuery(_: AgentContext, kind: Kind<T>, query: Query<T>): Promise<T[]> {
    return this.#of(kind).flatMap((kept) => (matches(kept.tags, query as Record<string, unknown>) ? [revive(kind, kept)] : []));
  }

  #of(kind: Kind<T>): Kept[] {
    return [...this.#records].flatMap(([key, kept]) => (key.startsWith(`${kind.type}/`) ? [kept] : []));
  }

  #must(type: string, id: string): Kept {
    const kept = this.#records.get(`${type}/${id}`);
    if (!kept) throw new RecordNotFoundError('no such record', { recordType: type });
    return kept;
  }

  #keep(record: T): void {
    record.updatedAt = new Date();
    this.#records.set(name(record), { json: JsonTransformer.toJSON(record), tags: { ...record.getTags() } });
  }
}

const name = (record: AnyRecord): string => `${record.type}/${record.id}`;

function revive<T extends AnyRecord>(kind: Kind<T>, kept: Kept): T {
  const record = JsonTransformer.fromJSON(kept.json, kind);
  record.replaceTags(kept.tags as never);
  return record;
}

function matches(tags: Record<string, unknown>, query: Record<string, unknown>): boolean {
  return Object.entries(query).every(([key, wanted]) => {
    if (wanted === undefined) return true;
    if (key === '$and') return (wanted as Record<string, unknown>[]).every((part) => matches(tags, part));
    if (key === '$or') return (wanted as Record<string, unknown>[]).some((part) => matches(tags, part));
    if (key === '$not') return !matches(tags, wanted as Record<string, unknown>);
    const value = tags[key];
    if (Array.isArray(wanted)) return Array.isArray(value) && wanted.every((part) => value.includes(part));
    return Array.isArray(value) ? value.includes(wanted) : value === wanted;
  });
}

export class MemoryStorageModule implements Module {
  register(dependencies: DependencyManager): void {
    dependencies.registerInstance(InjectionSymbols.StorageService, new MemoryStorageService());
  }
}
