// The HTML page of a report: one file without external resources, with a content security policy that allows none.
import { createHash } from 'node:crypto'
import { type Child, literal, tag, textOf } from '../picture/markup.ts'
import { style } from './style.ts'

export interface Document {
  readonly title: string
  readonly links: readonly { readonly label: string; readonly id: string }[]
  readonly content: Child
  /** The script that plays replays. */
  readonly player: string
}

/** The whole file. Its only script and its only style sheet are named in the policy by their hashes. */
export function document({ title, links, content, player }: Document): string {
  const script = player.replaceAll('</script', '<\\/script')
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const page = tag(
    'html',
    { lang: 'en' },
    tag(
      'head',
      {},
      tag('meta', { charset: 'utf-8' }),
      tag('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
      tag('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      tag('meta', { name: 'color-scheme', content: 'light dark' }),
      tag('meta', { name: 'generator', content: 'marlstrom report' }),
      tag('link', { rel: 'icon', href: 'data:,' }),
      tag('title', {}, title),
      tag('style', {}, literal(style)),
    ),
    tag(
      'body',
      {},
      tag(
        'header',
        {},
        tag('h1', {}, title),
        tag(
          'nav',
          { 'aria-label': 'Sections' },
          links.map(({ label, id }) => tag('a', { href: `#${id}` }, label)),
        ),
      ),
      tag('main', {}, content),
      tag('footer', {}, 'Made by marlstrom report.'),
      tag('script', {}, literal(script)),
    ),
  )
  return `<!doctype html>\n${textOf(page)}\n`
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
