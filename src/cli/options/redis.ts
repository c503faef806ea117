// Options of commands that meet over Redis.
import { type Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../../errors.ts'
import { shownAddress } from '../../remote/connect-redis.ts'
import { defaultPrefix, expectKeyPart } from '../../remote/redis-keys.ts'

export interface RedisOptions {
  /** true: where the environment says. */
  readonly redis?: string | true
  readonly redisPrefix: string
}

/** The address from the environment: a password on a command line is seen by everybody on the machine. */
export const redisVariable = 'MARLSTROM_REDIS'

export function addRedisOptions(command: Command, what: string): Command {
  return command
    .option(
      '--redis [address]',
      `${what}, such as rediss://user:password@host:6379; default: what ${redisVariable} says`,
    )
    .option('--redis-prefix <name>', 'what all keys there begin with', keyPart, defaultPrefix)
}

/** Where Redis is. @throws ConfigError where nobody says, or it is no address */
export function redisAddress({ redis }: RedisOptions): string {
  const address = typeof redis === 'string' ? redis : process.env[redisVariable]
  if (address === undefined) {
    throw new ConfigError(
      '--redis',
      `expected where Redis is, such as redis://127.0.0.1:6379; ${redisVariable} says it too`,
    )
  }
  shownAddress(address)
  return address
}

/** For commander. */
export function keyPart(text: string): string {
  try {
    return expectKeyPart('', text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}
