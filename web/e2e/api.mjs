// The server's own word on what the page did. Only looks, never does.
export async function api(url, login, password) {
  const answer = await fetch(`${url}/api/v1/login`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ login, password }),
  })
  const { access_token } = await answer.json()
  return async (path) => {
    const found = await fetch(`${url}/api/v1${path}`, { headers: { Authorization: `Bearer ${access_token}` } })
    if (!found.ok) throw new Error(`GET ${path}: ${found.status} ${await found.text()}`)
    return found.json()
  }
}
