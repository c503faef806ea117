/** A name that an entry of the package exports. */
export interface PublicName {
  readonly name: string
  readonly path: string
  readonly file: string
  readonly group: string | null
  readonly comment: string | null
  readonly source: string
}

export function publicNames(entry: string): PublicName[]
export function groupsOf(entry: string): string[]
