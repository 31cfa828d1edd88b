"""What happens in Redis, each script at one stroke: no other worker sees it half done.

Times are Redis's own, in milliseconds, so that workers' clocks need not agree. A unit of work lies in exactly
one of two places until it is settled: `queue` (to be taken) or `flight` (taken, and by whom).
"""

from __future__ import annotations

KEYS = ("round", "queue", "units", "seen", "flight", "workers", "windows", "lost")
"""Keys of one source's crawl below `paomo:{source}:`; the braces keep them together in a Redis cluster.

    round    id of this crawl, made by whoever joined first
    queue    sorted set, unit id by its rank: the lowest goes first
    units    hash, unit id -> "<rank> <JSON>"
    seen     set of the unit ids of this crawl: the duplicate filter
    flight   hash, unit id -> worker that holds it
    workers  sorted set, worker by the moment its lease ends
    windows  hash, question -> how it stands, JSON
    lost     hash, question -> number of its documents that did not come
"""

PRELUDE = """
local round, queue, units, seen, flight, workers, windows, lost = unpack(KEYS)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- this crawl in this very server: one that was restarted may be in an older state, and lack what was put
local function here()
  return (redis.call('GET', round) or '') .. '@' .. string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end

local function put_back(worker)
  local taken, count = redis.call('HGETALL', flight), 0
  for i = 1, #taken, 2 do
    if taken[i + 1] == worker then
      redis.call('HDEL', flight, taken[i])
      local unit = redis.call('HGET', units, taken[i]) or ''
      redis.call('ZADD', queue, tonumber(string.match(unit, '^%S+') or '') or 0, taken[i])
      count = count + 1
    end
  end
  return count
end

local function put_back_the_dead()
  local count = 0
  for _, worker in ipairs(redis.call('ZRANGEBYSCORE', workers, '-inf', now)) do
    count = count + put_back(worker)
    redis.call('ZREM', workers, worker)
  end
  return count
end

local function pending()
  return redis.call('ZCARD', queue) + redis.call('HLEN', flight)
end

local function over()
  return redis.call('ZCARD', workers) == 0 and pending() == 0
end
"""

JOIN = """
-- worker, lease, id for a new round
redis.call('ZREM', workers, ARGV[1])
local found = put_back(ARGV[1]) + put_back_the_dead()
if redis.call('EXISTS', round) == 0 or over() then
  redis.call('DEL', unpack(KEYS))
  redis.call('SET', round, ARGV[3])
end
redis.call('ZADD', workers, now + ARGV[2], ARGV[1])
return {here(), found}
"""

BEAT = """
-- worker, lease, round
if here() ~= ARGV[3] then return -1 end
redis.call('ZADD', workers, now + ARGV[2], ARGV[1])
return put_back_the_dead()
"""

PUT = """
-- round, unit id, rank, JSON
if here() ~= ARGV[1] then return -1 end
if redis.call('SADD', seen, ARGV[2]) == 0 then return 0 end
redis.call('HSET', units, ARGV[2], ARGV[3] .. ' ' .. ARGV[4])
redis.call('ZADD', queue, ARGV[3], ARGV[2])
return 1
"""

TAKE = """
-- worker, round
if here() ~= ARGV[2] then return {-1} end
local first = redis.call('ZPOPMIN', queue)
if #first == 0 then return {0} end
local unit = redis.call('HGET', units, first[1])
if not unit then return {-1} end
redis.call('HSET', flight, first[1], ARGV[1])
return {1, first[1], string.match(unit, '^%S+ (.*)$') or ''}
"""

SETTLE = """
-- worker, round, unit id, question that lost it or '', question it is or '', how that stands
if here() ~= ARGV[2] then return -1 end
if redis.call('HGET', flight, ARGV[3]) ~= ARGV[1] then return 0 end
redis.call('HDEL', flight, ARGV[3])
redis.call('HDEL', units, ARGV[3])
if ARGV[4] ~= '' then redis.call('HINCRBY', lost, ARGV[4], 1) end
if ARGV[5] ~= '' then redis.call('HSET', windows, ARGV[5], ARGV[6]) end
return 1
"""

PENDING = """
-- round
if here() ~= ARGV[1] then return -1 end
-- nothing to do, and units that nobody has done: a part of the crawl was taken away
if pending() == 0 and redis.call('HLEN', units) > 0 then return -1 end
return pending()
"""

RETURN = """
-- worker, round: what it holds in Redis without knowing of it (an answer of Redis that was lost on the way)
if here() ~= ARGV[2] then return -1 end
return put_back(ARGV[1])
"""

LEAVE = """
-- worker, round
if here() ~= ARGV[2] then return 0 end
redis.call('ZREM', workers, ARGV[1])
put_back(ARGV[1])
put_back_the_dead()
if over() then redis.call('DEL', unpack(KEYS)) end
return 1
"""

TURN = """
-- one host's key; milliseconds between two requests. Gives {moment of this turn, now}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
redis.call('SET', KEYS[1], turn + ARGV[1], 'PX', math.ceil(turn - now + ARGV[1] + 1000))
return {turn, now}
"""

HOLD = """
-- one host's key; milliseconds it asked not to be asked for
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if tonumber(redis.call('GET', KEYS[1]) or 0) < now + ARGV[1] then
  redis.call('SET', KEYS[1], now + ARGV[1], 'PX', math.ceil(ARGV[1] + 1000))
end
return now + ARGV[1]
"""
