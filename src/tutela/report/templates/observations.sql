-- The tables of docs/observations.md, from the columns that were gathered (here under names that begin with seen_).
CREATE MACRO moment(seconds) AS make_timestamptz(nullif(seconds, -9223372036854775807 - 1) * 1000000);
CREATE MACRO ref(high, low) AS format('po-{:016x}{:04x}', high, low);

CREATE VIEW channels AS
SELECT ref AS channel, kind FROM seen_channels ORDER BY row;

CREATE VIEW readings AS
SELECT c.ref AS channel, moment(r.seconds) AS "time", nullif(r.members, -1) AS members, s.name AS state
FROM seen_readings r
JOIN seen_channels c ON c.row = r.channel
JOIN seen_states s ON s.row = r.state;

CREATE VIEW posts AS
SELECT c.ref AS channel, ref(p.high, p.low) AS post, moment(p.seconds) AS "time", p.zoned, k.name AS kind,
       p.forwarded, a.ref AS author
FROM seen_posts p
JOIN seen_channels c ON c.row = p.channel
JOIN seen_post_kinds k ON k.row = p.kind
LEFT JOIN seen_people a ON a.row = p.author;

CREATE VIEW images AS
SELECT c.ref AS channel, ref(i.high, i.low) AS post, k.name AS kind, i.hashed, nullif(i.quality, -1) AS quality,
       s.name AS skipped
FROM seen_images i
JOIN seen_channels c ON c.row = i.channel
JOIN seen_image_kinds k ON k.row = i.document
LEFT JOIN seen_skips s ON s.row = i.skip;

CREATE VIEW acts AS
SELECT c.ref AS channel, ref(x.high, x.low) AS post, a.ref AS person, r.name AS role
FROM seen_acts x
JOIN seen_channels c ON c.row = x.channel
JOIN seen_people a ON a.row = x.person
JOIN seen_roles r ON r.row = x.role;

CREATE VIEW languages AS
SELECT c.ref AS channel, l.language, l.texts, l.every
FROM seen_languages l
JOIN seen_channels c ON c.row = l.channel;

-- The tables of evidence, with the types of their columns.
CREATE VIEW offers AS
SELECT channel, post, origin, amount::DOUBLE AS amount, currency, bound, quantity::DOUBLE AS quantity,
       unit::VARCHAR AS unit, days::DOUBLE AS days, "start"::INTEGER AS "start", "end"::INTEGER AS "end"
FROM given_offers;

CREATE VIEW payments AS
SELECT channel, post, amount::DOUBLE AS amount, currency FROM given_payments;

CREATE VIEW reward_rules AS
SELECT channel, post, deed, count::BIGINT AS count, reward::DOUBLE AS reward, unit, "start"::INTEGER AS "start",
       "end"::INTEGER AS "end"
FROM given_reward_rules;

CREATE VIEW counters AS
SELECT channel, post, count::BIGINT AS count FROM given_counters;

CREATE VIEW promotion_edges AS
SELECT channel, post, kind, target, observed = 'yes' AS observed FROM given_promotion_edges;

CREATE VIEW polls AS
SELECT channel, post, option::INTEGER AS option, voters::BIGINT AS voters, total::BIGINT AS total,
       multiple::VARCHAR = 'yes' AS multiple, closed::VARCHAR = 'yes' AS closed
FROM given_polls;

CREATE VIEW minor_signals AS
SELECT channel, post, sign, "start"::INTEGER AS "start", "end"::INTEGER AS "end" FROM given_minor_signals;
