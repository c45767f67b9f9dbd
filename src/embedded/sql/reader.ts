/**
 * Walks a command's nodes from left to right.
 */
import { expectDotted } from './names.ts';
import { isGroup, isOp, isWord, nameOf, render, type SqlNode, stringOf, unexpected } from './nodes.ts';

export class Reader {
  readonly items: readonly SqlNode[];
  at: number;

  constructor(items: readonly SqlNode[], at = 0) {
    this.items = items;
    this.at = at;
  }

  peek(ahead = 0): SqlNode | undefined {
    return this.items[this.at + ahead];
  }

  get isDone(): boolean {
    return this.at >= this.items.length;
  }

  /** Takes the words if all of them come next. */
  take(...words: readonly string[]): boolean {
    if (!words.every((word, index) => isWord(this.peek(index), word))) return false;
    this.at += words.length;
    return true;
  }

  takeAny(...words: readonly string[]): boolean {
    if (!isWord(this.peek(), ...words)) return false;
    this.at++;
    return true;
  }

  takeOp(op: string): boolean {
    if (!isOp(this.peek(), op)) return false;
    this.at++;
    return true;
  }

  takeGroup(): SqlNode[] | undefined {
    const node = this.peek();
    if (!isGroup(node)) return undefined;
    this.at++;
    return node.items;
  }

  expect(...words: readonly string[]): void {
    if (!this.take(...words)) this.fail();
  }

  dotted(): string[] {
    const { parts, next } = expectDotted(this.items, this.at);
    this.at = next;
    return parts;
  }

  name(): string {
    const name = nameOf(this.peek());
    if (name === undefined) return this.fail();
    this.at++;
    return name;
  }

  string(): string {
    const text = stringOf(this.peek());
    if (text === undefined) return this.fail();
    this.at++;
    return text;
  }

  rest(): SqlNode[] {
    const rest = this.items.slice(this.at);
    this.at = this.items.length;
    return rest;
  }

  /** @throws SnowflakeError 001003 at the place it stands */
  fail(): never {
    const node = this.peek();
    throw unexpected(
      node === undefined ? '<EOF>' : node.kind === 'leaf' ? node.token.text : render([node]).slice(0, 20),
    );
  }

  end(): void {
    if (!this.isDone) this.fail();
  }
}
