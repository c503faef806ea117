// Links in pages of markdown: found outside of code, and written anew.

/** Code, which has no links, before links: `[text](target)`, `![text](target)` and pictures as HTML. */
const parts =
  /(?<code>^```[\s\S]*?^```|`[^`\n]+`)|(?<open>!?\[)(?<text>(?:[^\][]|\[[^\][]*\])*)\]\((?<target>[^)\s]+)\)|<img\b[^>]*?\bsrc="(?<src>[^"]+)"[^>]*>/gm

/**
 * The page with each relative link as `write({ kind, text, target, whole })` gives it: `kind` is link, picture (markdown) or img (HTML), `target` what is
 * linked to as it stands there, `whole` all of the link. Links to other sites and within the page stay as they are.
 */
export function withLinks(page, write) {
  return page.replace(parts, (whole, ...rest) => {
    const { code, open, text, target, src } = rest.at(-1)
    const to = target ?? src
    if (code !== undefined || /^([a-z]+:|#)/.test(to)) return whole
    if (src !== undefined) return write({ kind: 'img', text: '', target: src, whole })
    // A picture that is a link lies within its text.
    const inner = open === '[' ? withLinks(text, write) : text
    return write({ kind: open === '[' ? 'link' : 'picture', text: inner, target, whole: `${open}${inner}](${target})` })
  })
}
