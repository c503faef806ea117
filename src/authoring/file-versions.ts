// A scenario file as it changes: bundled now, and again whenever it or a file that it imports is saved.
import { unwatchFile, watchFile } from 'node:fs'
import { Observable } from 'rxjs'
import { type Bundle, bundleFile, SourceError } from './bundle.ts'

export type Version =
  | { readonly type: 'bundle'; readonly bundle: Bundle }
  /** It does not compile; the next save may change that. */
  | { readonly type: 'error'; readonly error: SourceError }

/** How often files are looked at. Asking the file itself works where editors replace it and on every kind of disk. */
const interval = 200

/**
 * The versions of a file, the present one first; a save that changes nothing gives none. Errors when there is no such file.
 */
export function fileVersions(file: string): Observable<Version> {
  return new Observable(subscriber => {
    let watched: readonly string[] = []
    let last = ''
    let busy = false
    let again = false
    const watch = (inputs: readonly string[]) => {
      for (const input of watched) if (!inputs.includes(input)) unwatchFile(input, changed)
      for (const input of inputs) if (!watched.includes(input)) watchFile(input, { interval }, changed)
      watched = inputs
    }
    const read = async () => {
      if (busy) {
        again = true
        return
      }
      busy = true
      do {
        again = false
        await bundleFile(file).then(
          bundle => emit(bundle.inputs, bundle.hash, { type: 'bundle', bundle }),
          error => {
            if (error instanceof SourceError)
              emit([...watched, ...error.inputs], error.message, { type: 'error', error })
            // An editor may take the file away for a moment while it saves.
            else if (last === '') subscriber.error(error)
          },
        )
      } while (again && !subscriber.closed)
      busy = false
    }
    const emit = (inputs: readonly string[], content: string, version: Version) => {
      if (subscriber.closed) return
      watch([...new Set(inputs)])
      if (content === last) return
      last = content
      subscriber.next(version)
    }
    const changed = () => void read()
    void read()
    return () => watch([])
  })
}
