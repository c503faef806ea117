// The example that trains.
import { it } from 'vitest'
import { expectExample } from '../support/example.ts'

it('train.ts runs as it stands', () => expectExample('train.ts', /^trained in 245 update rounds$/))
