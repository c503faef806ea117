// What elementary-sample.mjs gives.
type Functions = Readonly<Record<string, (...values: number[]) => number>>
type Visit = (name: string, values: readonly number[], result: number, kind: number) => void
export const edges: readonly number[]
export function argumentsOf(seed: number): (() => number)[]
export function visitAll(functions: Functions, count: number, visit: Visit): void
export function sampleOf(functions: Functions, count: number): Uint8Array
