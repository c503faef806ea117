// Where pages of the repository lie in the site.

/** The address of a page or a source from the top of the site, without its ending. */
export function addressOf(file) {
  const flat = file.replace(/\.md$/, '').replace(/^docs\//, '')
  if (/\.(ts|py|mjs|patch)$|\/index$/.test(flat)) return `sources/${flat.replace(/[./]+/g, '-')}`
  return /^scenario-pages\//.test(flat)
    ? flat.replace('scenario-pages/', 'scenarios/')
    : `pages/${flat.toLowerCase().replaceAll('/', '-')}`
}
