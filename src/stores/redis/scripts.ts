/**
 * The lender's steps as Lua, so that each is one indivisible step of the server, by the server's clock.
 *
 * Keys, all with one hash tag, `{prefix:purpose}`:
 * `c:ID`   hash of a counter: `s` spent by all, `l` spent and held by all, `e` its end, `o:OWNER` "spent lease open" of one owner
 * `o:OWNER` set of the counters an owner has a row in
 * `live`, `dead` owners by when they expire, or died; `open` those that died holding more than they stated
 * `ids` all counters, in order; `ends` those that end, by when
 *
 * ARGV begins with: forgetAfterMs, deadOwnersMs. Integers are doubles in Lua, exact to 2^53, and must not be printed with an exponent.
 */
const prelude = `
local P = KEYS[1] .. ':'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local forgetAfter, deadOwners = tonumber(ARGV[1]), tonumber(ARGV[2])
local function text(x) return string.format('%.0f', x) end
local function key(id) return P .. 'c:' .. id end
local function add(id, field, by) if by ~= 0 then redis.call('HINCRBY', key(id), field, text(by)) end end
local function field(id, name) return tonumber(redis.call('HGET', key(id), name) or '0') end
local function row(id, owner)
  local found = redis.call('HGET', key(id), 'o:' .. owner)
  if not found then return 0, 0, false end
  local spent, lease, open = string.match(found, '(%d+) (%d+) (%d)')
  return tonumber(spent), tonumber(lease), open == '1'
end
local function write(id, owner, spent, lease, open)
  redis.call('HSET', key(id), 'o:' .. owner, text(spent) .. ' ' .. text(lease) .. (open and ' 1' or ' 0'))
  redis.call('SADD', P .. 'o:' .. owner, id)
end
local function change(id, owner, spent, lease)
  local oldSpent, oldLease = row(id, owner)
  add(id, 's', spent - oldSpent)
  add(id, 'l', lease - oldLease)
  write(id, owner, spent, lease, false)
end
local function counter(id, ends)
  if redis.call('HSETNX', key(id), 's', '0') == 1 then
    redis.call('HSET', key(id), 'l', '0')
    redis.call('ZADD', P .. 'ids', 0, id)
  end
  if redis.call('HGET', key(id), 'e') ~= ends then
    redis.call('HSET', key(id), 'e', ends)
    if ends == '' then redis.call('ZREM', P .. 'ends', id) else redis.call('ZADD', P .. 'ends', ends, id) end
  end
end
local function state(id)
  local spent, leased = field(id, 's'), field(id, 'l')
  return text(spent), text(leased - spent)
end
local function close(owner)
  if redis.call('SREM', P .. 'open', owner) == 0 then return end
  for _, id in ipairs(redis.call('SMEMBERS', P .. 'o:' .. owner)) do
    local spent, lease, open = row(id, owner)
    if open then write(id, owner, spent, lease, false) end
  end
end
local function renew(owner, ttl)
  if redis.call('ZREM', P .. 'dead', owner) == 1 then close(owner) end
  redis.call('ZADD', P .. 'live', text(now + tonumber(ttl)), owner)
end
local function die(owner)
  local ids, open = redis.call('SMEMBERS', P .. 'o:' .. owner), false
  for _, id in ipairs(ids) do
    local spent, lease = row(id, owner)
    if lease > spent then
      open = true
      add(id, 'l', spent - lease)
      write(id, owner, spent, spent, true)
    end
  end
  redis.call('ZREM', P .. 'live', owner)
  if #ids > 0 then redis.call('ZADD', P .. 'dead', text(now), owner) end
  if open then redis.call('SADD', P .. 'open', owner) end
end
local function forget(id)
  for _, name in ipairs(redis.call('HKEYS', key(id))) do
    if string.sub(name, 1, 2) == 'o:' then redis.call('SREM', P .. 'o:' .. string.sub(name, 3), id) end
  end
  redis.call('DEL', key(id))
  redis.call('ZREM', P .. 'ends', id)
  redis.call('ZREM', P .. 'ids', id)
end
local function bury(owner)
  for _, id in ipairs(redis.call('SMEMBERS', P .. 'o:' .. owner)) do redis.call('HDEL', key(id), 'o:' .. owner) end
  redis.call('DEL', P .. 'o:' .. owner)
  redis.call('ZREM', P .. 'dead', owner)
  redis.call('SREM', P .. 'open', owner)
end
local function due(name, before, most, act)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', P .. name, '-inf', text(before), 'LIMIT', 0, most)) do act(member) end
end
due('live', now, 64, die)
due('ends', now - forgetAfter, 256, forget)
due('dead', now - deadOwners, 8, bury)
`;

/** owner, ttlMs, then of each ask: id, limit, end, least, wanted -> of each: granted, spent, held */
const lease = `
local owner, out, fits = ARGV[3], {}, true
renew(owner, ARGV[4])
for i = 5, #ARGV, 5 do
  if field(ARGV[i], 'l') + tonumber(ARGV[i + 3]) > tonumber(ARGV[i + 1]) then fits = false end
end
for i = 5, #ARGV, 5 do
  local id, granted = ARGV[i], 0
  if fits then granted = math.max(0, math.min(tonumber(ARGV[i + 4]), tonumber(ARGV[i + 1]) - field(id, 'l'))) end
  if granted > 0 then
    counter(id, ARGV[i + 2])
    local spent, lease = row(id, owner)
    change(id, owner, spent, lease + granted)
  end
  local spent, held = state(id)
  out[#out + 1], out[#out + 2], out[#out + 3] = text(granted), spent, held
end
return out`;

/** owner, ttlMs, then of each statement: id, end, spent, keep -> of each: kept */
const say = `
local owner, out = ARGV[3], {}
renew(owner, ARGV[4])
for i = 5, #ARGV, 4 do
  local id, ends, stated = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  local late = ends ~= '' and tonumber(ends) + forgetAfter <= now
  if redis.call('EXISTS', key(id)) == 0 and (stated == 0 or late) then
    out[#out + 1] = '0'
  else
    counter(id, ends)
    local oldSpent, oldLease = row(id, owner)
    local spent = math.max(oldSpent, stated)
    local lease = math.max(spent, math.min(oldLease, stated + tonumber(ARGV[i + 3])))
    change(id, owner, spent, lease)
    out[#out + 1] = text(lease - spent)
  end
end
return out`;

/** owner, then of each statement: id, end, spent, keep */
const correct = `
local owner = ARGV[3]
if not redis.call('ZSCORE', P .. 'live', owner) and not redis.call('ZSCORE', P .. 'dead', owner) then
  redis.call('ZADD', P .. 'dead', text(now), owner)
end
for i = 4, #ARGV, 4 do
  local id, spent = ARGV[i], tonumber(ARGV[i + 2])
  counter(id, ARGV[i + 1])
  local oldSpent, oldLease = row(id, owner)
  change(id, owner, spent, spent + math.min(tonumber(ARGV[i + 3]), oldLease - oldSpent))
end
close(owner)
return 0`;

/** id, spent */
const set = `
local id, by = ARGV[3], tonumber(ARGV[4]) - field(ARGV[3], 's')
counter(id, redis.call('HGET', key(id), 'e') or '')
add(id, 's', by)
add(id, 'l', by)
return 0`;

/** ids -> of each: spent, held */
const read = `
local out = {}
for i = 3, #ARGV do out[#out + 1], out[#out + 2] = state(ARGV[i]) end
return out`;

/** prefix, limit -> of each: id, spent, held */
const list = `
local out, from = {}, '[' .. ARGV[3]
if ARGV[3] == '' then from = '-' end
for _, id in ipairs(redis.call('ZRANGEBYLEX', P .. 'ids', from, '+', 'LIMIT', 0, ARGV[4])) do
  if string.sub(id, 1, #ARGV[3]) ~= ARGV[3] then break end
  local spent, held = state(id)
  out[#out + 1], out[#out + 2], out[#out + 3] = id, spent, held
end
return out`;

/** -> of each owner: its name, and its open counters */
const expired = `
local out = {}
for _, owner in ipairs(redis.call('SMEMBERS', P .. 'open')) do
  local ids = {}
  for _, id in ipairs(redis.call('SMEMBERS', P .. 'o:' .. owner)) do
    local _, _, open = row(id, owner)
    if open then ids[#ids + 1] = id end
  end
  if #ids > 0 then
    table.sort(ids)
    out[#out + 1] = { owner, ids }
  end
end
return out`;

export const lenderScripts = Object.fromEntries(
  Object.entries({ lease, say, correct, set, read, list, expired }).map(([name, body]) => [name, prelude + body]),
) as { readonly [K in 'lease' | 'say' | 'correct' | 'set' | 'read' | 'list' | 'expired']: string };

/** KEYS: keys by id, ids by name, version. ARGV: id, name, key as JSON, most keys. -> 1 when kept, 0 when the name is taken, -1 when there are too many */
export const putKeyScript = `
local holder = redis.call('HGET', KEYS[2], ARGV[2])
if holder and holder ~= ARGV[1] then return 0 end
local former = redis.call('HGET', KEYS[1], ARGV[1])
if not former and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return -1 end
if former then redis.call('HDEL', KEYS[2], cjson.decode(former).name) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
redis.call('INCR', KEYS[3])
return 1`;

/** KEYS: one setting, a hash. ARGV: value, the version it replaces. -> 1 when written */
export const writeSettingScript = `
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 1`;

/**
 * Replies: each its own key with its end, and beside them \`used\` (by a running number of the last use), \`ends\`, \`sizes\` and \`total\`.
 * KEYS: the hash tag. ARGV: what to do, key, then value, ttlMs and the bound of all bytes.
 */
export const repliesScript = `
local P = KEYS[1] .. ':'
local function data(id) return P .. 'r:' .. id end
local function remove(id)
  redis.call('DEL', data(id))
  redis.call('DECRBY', P .. 'total', redis.call('HGET', P .. 'sizes', id) or 0)
  redis.call('HDEL', P .. 'sizes', id)
  redis.call('ZREM', P .. 'ends', id)
  redis.call('ZREM', P .. 'used', id)
end
local function use(id) redis.call('ZADD', P .. 'used', redis.call('INCR', P .. 'uses'), id) end
local what, id = ARGV[1], ARGV[2]
if what == 'get' then
  local value = redis.call('GET', data(id))
  if value then use(id) else remove(id) end
  return value
end
remove(id)
if what == 'delete' then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, ended in ipairs(redis.call('ZRANGEBYSCORE', P .. 'ends', '-inf', string.format('%.0f', now), 'LIMIT', 0, 64)) do remove(ended) end
redis.call('SET', data(id), ARGV[3], 'PX', ARGV[4])
redis.call('HSET', P .. 'sizes', id, #ARGV[3])
redis.call('ZADD', P .. 'ends', string.format('%.0f', now + tonumber(ARGV[4])), id)
use(id)
local total = redis.call('INCRBY', P .. 'total', #ARGV[3])
while total > tonumber(ARGV[5]) do
  local oldest = redis.call('ZRANGE', P .. 'used', 0, 0)[1]
  if not oldest then break end
  remove(oldest)
  total = tonumber(redis.call('GET', P .. 'total'))
end
return 0`;
