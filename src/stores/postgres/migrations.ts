import type { Migration } from '../../ledger/migrations.ts';

/**
 * Names are found in the schema of the connection that migrates, and stay bound to it.
 *
 * Locks are taken in one order everywhere: the owner, then counters by id. What still deadlocks (an owner dies while it speaks) is tried again.
 * `row`: what one owner said of one counter; `lease` includes `spent`; `open`: it died holding more than it stated.
 */
export const postgresMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE counter (
  purpose text NOT NULL,
  id text COLLATE "C" NOT NULL,
  spent bigint NOT NULL DEFAULT 0,
  leased bigint NOT NULL DEFAULT 0,
  ends_at bigint,
  PRIMARY KEY (purpose, id)
);
CREATE INDEX counter_end ON counter (purpose, ends_at) WHERE ends_at IS NOT NULL;
CREATE TABLE owner (
  purpose text NOT NULL,
  id text NOT NULL,
  expires_at bigint NOT NULL,
  died_at bigint,
  PRIMARY KEY (purpose, id)
);
CREATE INDEX owner_living ON owner (purpose, expires_at) WHERE died_at IS NULL;
CREATE TABLE share (
  purpose text NOT NULL,
  owner text NOT NULL,
  counter text COLLATE "C" NOT NULL,
  spent bigint NOT NULL DEFAULT 0,
  lease bigint NOT NULL DEFAULT 0,
  open boolean NOT NULL DEFAULT false,
  PRIMARY KEY (purpose, owner, counter),
  FOREIGN KEY (purpose, counter) REFERENCES counter ON DELETE CASCADE,
  FOREIGN KEY (purpose, owner) REFERENCES owner ON DELETE CASCADE
);
CREATE INDEX share_counter ON share (purpose, counter);
CREATE INDEX share_open ON share (purpose, owner) WHERE open;
CREATE TABLE virtual_key (id text PRIMARY KEY, name text NOT NULL UNIQUE, made_at bigint NOT NULL, body jsonb NOT NULL);
CREATE TABLE key_version (version bigint NOT NULL);
INSERT INTO key_version VALUES (0);
CREATE TABLE session (id text PRIMARY KEY, value text NOT NULL, ends_at bigint NOT NULL);
CREATE INDEX session_end ON session (ends_at);
CREATE TABLE reply (
  id text PRIMARY KEY,
  value bytea NOT NULL,
  bytes bigint NOT NULL,
  ends_at bigint NOT NULL,
  used bigint NOT NULL
);
ALTER TABLE reply ALTER COLUMN value SET STORAGE EXTERNAL;
CREATE INDEX reply_end ON reply (ends_at);
CREATE INDEX reply_used ON reply (used);
CREATE SEQUENCE reply_use;
CREATE TABLE reply_total (bytes bigint NOT NULL);
INSERT INTO reply_total VALUES (0);

CREATE FUNCTION now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS
  $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

CREATE FUNCTION die(_purpose text, _owner text) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM 1 FROM counter c JOIN share s ON s.purpose = c.purpose AND s.counter = c.id
    WHERE s.purpose = _purpose AND s.owner = _owner AND s.lease > s.spent ORDER BY c.id FOR UPDATE OF c;
  UPDATE counter c SET leased = c.leased - (s.lease - s.spent) FROM share s
    WHERE s.purpose = c.purpose AND s.counter = c.id AND s.purpose = _purpose AND s.owner = _owner AND s.lease > s.spent;
  UPDATE share SET lease = spent, open = true WHERE purpose = _purpose AND owner = _owner AND lease > spent;
  UPDATE owner SET died_at = now_ms() WHERE purpose = _purpose AND id = _owner;
END $$;

CREATE FUNCTION renew(_purpose text, _owner text, _ttl bigint) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE was owner;
BEGIN
  SELECT * INTO was FROM owner WHERE purpose = _purpose AND id = _owner FOR UPDATE;
  IF FOUND AND was.died_at IS NULL AND was.expires_at <= now_ms() THEN PERFORM die(_purpose, _owner); END IF;
  UPDATE share SET open = false WHERE purpose = _purpose AND owner = _owner AND open;
  INSERT INTO owner VALUES (_purpose, _owner, now_ms() + _ttl)
    ON CONFLICT (purpose, id) DO UPDATE SET expires_at = EXCLUDED.expires_at, died_at = NULL;
END $$;

CREATE FUNCTION change(_purpose text, _owner text, _counter text, _spent bigint, _lease bigint) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE was share;
BEGIN
  SELECT * INTO was FROM share WHERE purpose = _purpose AND owner = _owner AND counter = _counter;
  UPDATE counter SET spent = spent + _spent - coalesce(was.spent, 0), leased = leased + _lease - coalesce(was.lease, 0)
    WHERE purpose = _purpose AND id = _counter;
  INSERT INTO share VALUES (_purpose, _owner, _counter, _spent, _lease)
    ON CONFLICT (purpose, owner, counter) DO UPDATE SET spent = EXCLUDED.spent, lease = EXCLUDED.lease, open = false;
END $$;

CREATE FUNCTION lend(_purpose text, _owner text, _ttl bigint, _ids text[], _limits bigint[], _ends bigint[], _least bigint[], _wanted bigint[])
RETURNS TABLE (_granted bigint, _spent bigint, _held bigint) LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  granted bigint[] := array_fill(0::bigint, ARRAY[cardinality(_ids)]);
  i int;
  before bigint;
BEGIN
  PERFORM renew(_purpose, _owner, _ttl);
  BEGIN
    FOR i IN SELECT n FROM generate_subscripts(_ids, 1) n ORDER BY _ids[n] COLLATE "C" LOOP
      INSERT INTO counter VALUES (_purpose, _ids[i], 0, 0, _ends[i])
        ON CONFLICT (purpose, id) DO UPDATE SET ends_at = EXCLUDED.ends_at RETURNING leased INTO before;
      IF before + _least[i] > _limits[i] THEN RAISE EXCEPTION SQLSTATE 'MD001'; END IF;
      granted[i] := greatest(0, least(_wanted[i], _limits[i] - before));
      IF granted[i] > 0 THEN
        UPDATE counter SET leased = leased + granted[i] WHERE purpose = _purpose AND id = _ids[i];
        INSERT INTO share VALUES (_purpose, _owner, _ids[i], 0, granted[i])
          ON CONFLICT (purpose, owner, counter) DO UPDATE SET lease = share.lease + EXCLUDED.lease;
      END IF;
    END LOOP;
  EXCEPTION WHEN SQLSTATE 'MD001' THEN
    granted := array_fill(0::bigint, ARRAY[cardinality(_ids)]);
  END;
  RETURN QUERY SELECT granted[n], coalesce(c.spent, 0), coalesce(c.leased - c.spent, 0)
    FROM generate_subscripts(_ids, 1) n LEFT JOIN counter c ON c.purpose = _purpose AND c.id = _ids[n] ORDER BY n;
END $$;

CREATE FUNCTION say(_purpose text, _owner text, _ttl bigint, _forget bigint, _ids text[], _ends bigint[], _spent bigint[], _keep bigint[])
RETURNS bigint[] LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  kept bigint[] := array_fill(0::bigint, ARRAY[cardinality(_ids)]);
  i int;
  was share;
  total bigint;
  lease bigint;
BEGIN
  PERFORM renew(_purpose, _owner, _ttl);
  FOR i IN SELECT n FROM generate_subscripts(_ids, 1) n ORDER BY _ids[n] COLLATE "C" LOOP
    PERFORM 1 FROM counter WHERE purpose = _purpose AND id = _ids[i] FOR UPDATE;
    CONTINUE WHEN NOT FOUND AND (_spent[i] = 0 OR _ends[i] + _forget <= now_ms());
    INSERT INTO counter VALUES (_purpose, _ids[i], 0, 0, _ends[i])
      ON CONFLICT (purpose, id) DO UPDATE SET ends_at = EXCLUDED.ends_at;
    SELECT * INTO was FROM share WHERE purpose = _purpose AND owner = _owner AND counter = _ids[i];
    total := greatest(coalesce(was.spent, 0), _spent[i]);
    lease := greatest(total, least(coalesce(was.lease, 0), _spent[i] + _keep[i]));
    PERFORM change(_purpose, _owner, _ids[i], total, lease);
    kept[i] := lease - total;
  END LOOP;
  RETURN kept;
END $$;

CREATE FUNCTION correct(_purpose text, _owner text, _ids text[], _ends bigint[], _spent bigint[], _keep bigint[])
RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  i int;
  held bigint;
BEGIN
  INSERT INTO owner VALUES (_purpose, _owner, 0, now_ms()) ON CONFLICT DO NOTHING;
  PERFORM 1 FROM owner WHERE purpose = _purpose AND id = _owner FOR UPDATE;
  FOR i IN SELECT n FROM generate_subscripts(_ids, 1) n ORDER BY _ids[n] COLLATE "C" LOOP
    INSERT INTO counter VALUES (_purpose, _ids[i], 0, 0, _ends[i])
      ON CONFLICT (purpose, id) DO UPDATE SET ends_at = EXCLUDED.ends_at;
    SELECT s.lease - s.spent INTO held FROM share s WHERE purpose = _purpose AND owner = _owner AND counter = _ids[i];
    PERFORM change(_purpose, _owner, _ids[i], _spent[i], _spent[i] + least(_keep[i], coalesce(held, 0)));
  END LOOP;
  UPDATE share SET open = false WHERE purpose = _purpose AND owner = _owner AND open;
END $$;

CREATE FUNCTION set_spent(_purpose text, _id text, _spent bigint) RETURNS void LANGUAGE sql SET search_path FROM CURRENT AS $$
  INSERT INTO counter VALUES (_purpose, _id, _spent, _spent)
    ON CONFLICT (purpose, id) DO UPDATE SET leased = counter.leased + _spent - counter.spent, spent = _spent
$$;

-- One dead owner, or what has ended: whether something was done. One at a time, so that locks are taken in order.
CREATE FUNCTION sweep(_purpose text, _forget bigint, _bury bigint) RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  dead text;
BEGIN
  SELECT id INTO dead FROM owner WHERE purpose = _purpose AND died_at IS NULL AND expires_at <= now_ms()
    ORDER BY expires_at LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF FOUND THEN
    PERFORM die(_purpose, dead);
    RETURN true;
  END IF;
  DELETE FROM counter WHERE purpose = _purpose AND id IN (
    SELECT id FROM counter WHERE purpose = _purpose AND ends_at + _forget <= now_ms() ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED);
  IF FOUND THEN RETURN true; END IF;
  DELETE FROM owner WHERE purpose = _purpose AND id IN (
    SELECT id FROM owner o WHERE purpose = _purpose AND died_at IS NOT NULL AND (died_at + _bury <= now_ms()
      OR NOT EXISTS (SELECT 1 FROM share s WHERE s.purpose = o.purpose AND s.owner = o.id))
    ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED);
  RETURN FOUND;
END $$;

-- 1: kept, 0: the name is another key's, -1: there are too many keys.
CREATE FUNCTION put_key(_id text, _name text, _made_at bigint, _body jsonb, _most bigint) RETURNS int LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE key_version SET version = version + 1; -- one change of keys at a time
  IF EXISTS (SELECT 1 FROM virtual_key WHERE name = _name AND id <> _id) THEN
    UPDATE key_version SET version = version - 1;
    RETURN 0;
  END IF;
  IF (SELECT count(*) FROM virtual_key WHERE id <> _id) >= _most THEN
    UPDATE key_version SET version = version - 1;
    RETURN -1;
  END IF;
  INSERT INTO virtual_key VALUES (_id, _name, _made_at, _body)
    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, made_at = EXCLUDED.made_at, body = EXCLUDED.body;
  RETURN 1;
END $$;

CREATE FUNCTION remove_reply(_id text) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE freed bigint;
BEGIN
  UPDATE reply_total SET bytes = bytes; -- one change of replies at a time
  DELETE FROM reply WHERE id = _id RETURNING bytes INTO freed;
  UPDATE reply_total SET bytes = bytes - coalesce(freed, 0);
END $$;

CREATE FUNCTION put_reply(_id text, _value bytea, _ttl bigint, _most bigint) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  freed bigint;
  total bigint;
  oldest record;
BEGIN
  PERFORM remove_reply(_id);
  WITH ended AS (DELETE FROM reply WHERE id IN (SELECT id FROM reply WHERE ends_at <= now_ms() LIMIT 64) RETURNING bytes)
    SELECT coalesce(sum(bytes), 0) INTO freed FROM ended;
  INSERT INTO reply VALUES (_id, _value, length(_value), now_ms() + _ttl, nextval('reply_use'));
  UPDATE reply_total SET bytes = bytes + length(_value) - freed RETURNING bytes INTO total;
  IF total <= _most THEN RETURN; END IF;
  FOR oldest IN SELECT id, bytes FROM reply ORDER BY used LOOP
    EXIT WHEN total <= _most;
    DELETE FROM reply WHERE id = oldest.id;
    total := total - oldest.bytes;
  END LOOP;
  UPDATE reply_total SET bytes = total;
END $$;
`,
  },
  {
    version: 2,
    sql: `CREATE TABLE setting (name text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, value text NOT NULL);`,
  },
];
