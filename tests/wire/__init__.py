"""A small Discord on the loopback, with real sockets, for load, faults and crashes.

    async with WireDiscord() as server:                # server.py: where to begin
        guild = server.world.add_guild("Rencontres")   # world.py, model.py: who and what there is
        channel = server.world.add_channel(guild, "annonces")
        alice = server.world.add_member(guild, "Alice")
        async with BotProcess(server, tmp_path) as bot:    # process.py
            await bot.logged_in()
            answer = await server.slash(alice, channel, "events next")

`rest.py` and `interactions.py` answer requests, which pass through `http.py` (log, faults and
rate limits of `traffic.py`, Discord's contract); `gateway.py` keeps sessions and sends the events
of `events.py`; `commands.py` writes down what was typed. Nothing waits by sleeping: `bell.py`.

discord.py takes its time twice: 2 s after the last guild before it is ready, and 5 s before it
identifies again after an invalid session. `listener.py`, the bot that does next to nothing, waits
for neither.
"""
