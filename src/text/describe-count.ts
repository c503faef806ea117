// Numbers of things as people read them.

/** With thousands separators. */
export function describeCount(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
