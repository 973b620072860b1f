import type { Account } from '@/api/types'

// The account that was opened a moment ago and waits for its first purchase: handed from /open to /sale.
let pending: Account | null = null

export function setPending(account: Account): void {
  pending = account
}

export function takePending(): Account | null {
  const account = pending
  pending = null
  return account
}
