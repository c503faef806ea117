// The address of a request, parsed so that no input makes this throw.

export interface RequestAddress {
  /** Decoded where it can be. */
  readonly path: string
  readonly query: URLSearchParams
}

export function addressOf({ url = '/' }: { readonly url?: string | undefined }): RequestAddress {
  const end = url.search(/[?#]/)
  const path = end < 0 ? url : url.slice(0, end)
  return { path: decoded(path), query: new URLSearchParams(end < 0 ? '' : url.slice(end + 1)) }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
