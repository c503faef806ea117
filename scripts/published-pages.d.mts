export function packedFiles(root?: string): string[]
export function publishedPages(root: string, files: readonly string[], homepage?: string): Map<string, string>
export function publishPages(root?: string): void
export function restorePages(root?: string): void
