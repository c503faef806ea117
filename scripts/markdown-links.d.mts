export interface MarkdownLink {
  readonly kind: 'link' | 'picture' | 'img'
  readonly text: string
  readonly target: string
  readonly whole: string
}

export function withLinks(page: string, write: (link: MarkdownLink) => string): string
