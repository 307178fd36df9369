# SPDX-License-Identifier: Apache-2.0
"""The goals of who sends: P1, P2, P3, P5, P6, P10 and P11."""

from goals import AT_LEAST, AT_MOST, Goal, Row, in_turn
from processes import HOST, NODELAY, Agent, Certificate, collected, instructions, run, storescp

ONE_WAY_MS = 20
WINDOW = 8
ECHOES = 5                           # a run of P10
SMALL_PDU = 16384
# storescp would choose the one with a key of 256 bits.
CIPHER, CIPHER_BITS = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 128


def send(bench, port, workload, *options):
    return [bench.binary, "send", "--quiet", *options, f"PACS@{HOST}:{port}", workload.folder]


def storescu(port, workload, *options):
    return ["storescu", "+sd", *options, HOST, str(port), workload.folder]


def p1(bench):
    load = bench.workloads["W3s"]
    with storescp("--ignore") as pacs:
        ours, theirs = in_turn(bench.runs, lambda: load.objects / bench.tools.metered(send(bench, pacs.port, load))["seconds"],
                               lambda: load.objects / bench.tools.metered(storescu(pacs.port, load))["seconds"])
    yield Row("P1", f"{load} to storescp, objects/s", ours, "storescu", theirs, [Goal(AT_LEAST, 100, is_ratio=True)])


def p2(bench):
    for name in ("W1", "W2", "W5"):
        load = bench.workloads[name]
        with bench.tools.null_scp() as pacs:
            ours, theirs = in_turn(bench.runs, lambda: bench.tools.metered(send(bench, pacs.port, load))["seconds"],
                                   lambda: bench.tools.metered(bench.tools.raw_sender(pacs.port, load))["seconds"])
        yield Row("P2", f"{load}, s", ours, "raw sender", theirs, [Goal(AT_MOST, 1.15, is_ratio=True)])


def p3(bench):
    yield cpu_of_send(bench)
    few, many = (bench.workloads.some_of_w3(name, objects) for name, objects in bench.slope_objects.items())
    difference = many.objects - few.objects

    with bench.tools.null_scp() as pacs:
        ours = (instructions(send(bench, pacs.port, many)) - instructions(send(bench, pacs.port, few))) / difference
        theirs = (instructions(storescu(pacs.port, many), **NODELAY) - instructions(storescu(pacs.port, few), **NODELAY)) / difference
    yield Row("P3", "instructions for one more of 4 KB, `send`", [ours], "storescu", [theirs], [Goal(AT_MOST, 60_000)])
    received, passed_on = ((instructions_of_agent(bench, many, is_sent) - instructions_of_agent(bench, few, is_sent)) / difference
                           for is_sent in (False, True))
    yield Row("P3", "the same, agent: out of the durable queue", [passed_on - received], "storescu", [theirs], [Goal(AT_MOST, 200_000)])
    yield Row("P3", "the same, agent: into the durable queue", [received], "storescu", [theirs], [])


def cpu_of_send(bench):
    load = bench.workloads["W1"]

    def nanoseconds(used):
        return (used["user"] + used["system"]) * 1e9 / load.bytes

    with bench.tools.null_scp() as pacs:
        ours, theirs = in_turn(bench.runs, lambda: nanoseconds(bench.tools.metered(send(bench, pacs.port, load))),
                               lambda: nanoseconds(bench.tools.metered(storescu(pacs.port, load), **NODELAY)))
    return Row("P3", f"{load}, ns of CPU a byte", ours, "storescu, TCP_NODELAY", theirs, [Goal(AT_MOST, 0.40)])


def instructions_of_agent(bench, load, is_sent):
    """Of a gateway whose PACS takes the objects, or is down."""
    with bench.tools.null_scp("--expect", str(load.objects)) as pacs:
        agent = Agent(bench.binary, bench.new_folder(), *([pacs.port] if is_sent else []))
        with agent.running(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]):
            run(bench.tools.raw_sender(agent.port, load, "--preload"))
            if is_sent:
                pacs.wait_for_expected()
    return collected(agent.said())


def p5(bench):
    load = bench.workloads["W3s"]
    ways = {"window": (["--window", str(WINDOW)], ["--window", str(WINDOW)]),
            "associations": (["--parallel", str(WINDOW)], ["--associations", str(WINDOW)])}
    for way, (our_options, their_options) in ways.items():
        with bench.tools.null_scp("--window", str(WINDOW)) as pacs, bench.tools.delay_proxy(pacs.port, ONE_WAY_MS) as port:
            ours, theirs = in_turn(bench.runs, lambda: load.objects / bench.tools.metered(send(bench, port, load, *our_options))["seconds"],
                                   lambda: load.objects / bench.tools.metered(bench.tools.raw_sender(port, load, *their_options))["seconds"])
        yield Row("P5", f"{load} at {2 * ONE_WAY_MS} ms, {way} {WINDOW}, objects/s", ours, "raw sender", theirs, [Goal(AT_LEAST, 0.95, is_ratio=True)])


def p6(bench):
    load = bench.workloads["W1"]
    with bench.tools.null_scp("--max-pdu", str(SMALL_PDU)) as small, bench.tools.null_scp() as large:
        ours, theirs = in_turn(bench.runs, lambda: bench.tools.metered(send(bench, small.port, load))["seconds"],
                               lambda: bench.tools.metered(send(bench, large.port, load))["seconds"])
        yield Row("P6", f"{load} in PDUs of 16 KB, s", ours, "scanferry, 128 KB", theirs, [Goal(AT_MOST, 1.1, is_ratio=True)])


def p10(bench):
    with bench.tools.null_scp() as pacs:
        echo, echoscu = [bench.binary, "echo", f"PACS@{HOST}:{pacs.port}"], ["echoscu", HOST, str(pacs.port)]
        ours, theirs = in_turn(bench.runs * ECHOES, lambda: bench.tools.metered(echo), lambda: bench.tools.metered(echoscu))
        counts = [instructions(echo)], [instructions(echoscu)]
    for figure, key, factor, bound in (("ms", "seconds", 1000, 3), ("peak KiB", "peak_kib", 1, 4096)):
        yield Row("P10", f"C-ECHO, start to end, {figure}", [used[key] * factor for used in ours], "echoscu", [used[key] * factor for used in theirs],
                  [Goal(AT_MOST, bound)])
    yield Row("P10", "C-ECHO, instructions", counts[0], "echoscu", counts[1], [Goal(AT_MOST, 2_000_000)])


def p11(bench):
    load = bench.workloads["W1"]
    certificate = Certificate(bench.new_folder())
    rate = load.bytes / 1e6
    with storescp("--ignore", "--enable-tls", certificate.key, certificate.path, "--ignore-peer-cert", "--cipher", CIPHER) as pacs:
        def ours():
            return rate / bench.tools.metered(send(bench, pacs.port, load, "--tls", "--tls-ca", certificate.path))["seconds"]

        alone = in_turn(bench.runs, ours, lambda: bench.tools.aes_gcm(CIPHER_BITS, bench.meter_seconds) / 1e6)
        theirs = in_turn(bench.runs, ours, lambda: rate / bench.tools.metered(
            storescu(pacs.port, load, "--anonymous-tls", "--add-cert-file", certificate.path), **NODELAY)["seconds"])
    yield Row("P11", f"{load} with TLS, MB/s", alone[0], f"AES-{CIPHER_BITS}-GCM of its mbedTLS alone", alone[1], [Goal(AT_LEAST, 0.9, is_ratio=True)])
    yield Row("P11", "the same", theirs[0], "storescu +tls (OpenSSL)", theirs[1], [])
