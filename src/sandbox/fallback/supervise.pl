# Runs a program that stays in between (a tracer, bwrap) so that what it runs seems to be the process that was
# started: signals are passed on to the command, its end is ours. Run with the perl of a root from
# outside of it, so without modules: not even strict is where this perl looks for it.
#
#   perl supervise.pl PERSONALITY PROGRAM [ARGUMENT...]
#
# PROGRAM is to start a shell that says on descriptor 9 which process it is, runs the command in its foreground, and
# says there with which code that ended. So a command's end does not wait for what it has left in the background.
#
# PERSONALITY "plain", "traced" or "build". In the latter two, system calls that an old tracer does not know fail
# with ENOSYS, as on a kernel without them, and libc does without: their paths would be taken for the host's. clone3
# is left, for a tracer sees the new process whatever made it. At the end of a build, and when it is told to end, the
# tracer gets the one signal on which it kills all that it traces; left alone, they would go on without it.
my %machines = (
    x86_64  => { prctl => 157, seccomp => 317, dup3 => 292, statx => 332, execveat => 322 },
    aarch64 => { prctl => 167, seccomp => 277, dup3 => 24, statx => 291, execveat => 281 },
);
# These have one number everywhere: io_uring_setup, openat2, faccessat2, fchmodat2, and what lists or reads extended
# attributes and statmounts by path.
my @everywhere = ( 425, 437, 439, 452, 457, 463, 464, 465, 466 );

sub fail {
    print STDERR "error[$_[0]]: $_[1]\n";
    exit 125;
}

sub instruction { return pack 'S C C L', @_ }

sub filter_calls {
    my ($calls) = @_;
    my ( $load, $equal, $return, $enosys, $allow ) = ( 0x20, 0x15, 0x06, 0x00050026, 0x7fff0000 );
    my $program = instruction( $load, 0, 0, 0 );
    for my $number ( $calls->{statx}, $calls->{execveat}, @everywhere ) {
        $program .= instruction( $equal, 0, 1, $number ) . instruction( $return, 0, 0, $enosys );
    }
    $program .= instruction( $return, 0, 0, $allow );
    # struct sock_fprog: a length, and after padding a pointer.
    my $description = pack 'S x6 P', length($program) / 8, $program;
    ( syscall( $calls->{prctl}, 38, 1, 0, 0, 0 ) == 0 && syscall( $calls->{seccomp}, 1, 0, $description ) == 0 )
      or fail( 'sandbox-filter', "Cannot filter system calls: `$!`" );
}

my ( $personality, @command ) = @ARGV;

# The ELF header of this very program says for which machine it is.
sub machine {
    open my $file, '<:raw', '/proc/self/exe' or return '';
    read $file, my $header, 20;
    return { 62 => 'x86_64', 183 => 'aarch64' }->{ unpack 'x18 v', $header } // '';
}
my $calls = $machines{ machine() } or fail( 'unsupported-machine', 'copse runs on x86_64 and aarch64' );

pipe my $reader, my $writer or fail( 'sandbox-pipe', "Cannot make a pipe: `$!`" );
my $child = fork // fail( 'sandbox-fork', "Cannot start a process: `$!`" );
if ( $child == 0 ) {
    syscall( $calls->{dup3}, fileno($writer), 9, 0 ) == 9 or fail( 'sandbox-pipe', "Cannot make a pipe: `$!`" );
    filter_calls($calls) if $personality ne 'plain';
    exec { $command[0] } @command or fail( 'sandbox-tool-missing', "Cannot start: `$command[0]`: $!" );
}
close $writer;

# At a terminal the whole foreground gets these from the kernel.
my $by_terminal = -t STDIN;
my $shell;
my @early;

sub pass_on {
    my ($signal) = @_;
    if ( $personality eq 'build' ) { kill 'QUIT', $child; return }
    if ( !defined $shell ) { push @early, $signal; return }
    open my $file, '<', "/proc/$shell/task/$shell/children" or return;
    my $line = <$file> // '';
    kill $signal, split ' ', $line;
}
for my $signal (qw(INT QUIT TERM HUP USR1 USR2)) {
    my $shared = $by_terminal && $signal =~ /^(INT|QUIT)$/;
    $SIG{$signal} = $shared ? sub { } : \&pass_on;
}

my @lines;
my $interrupted = 4;    # EINTR, whose name takes a module
my $text = '';
while (1) {
    my $count = sysread $reader, $text, 64, length $text;
    next if !defined $count && $! == $interrupted;
    last if !$count;
    @lines = $text =~ /^(\d+)\n/mg;
    if ( !defined $shell && @lines ) {
        $shell = $lines[0];
        # The command starts a moment after its shell has spoken.
        if (@early) { select undef, undef, undef, 0.05; pass_on($_) for @early }
    }
    last if @lines > 1;
}
my $code = $lines[1];
if ( $personality eq 'build' || !defined $code ) {
    kill 'QUIT', $child if defined $code;
    while ( waitpid( $child, 0 ) != $child ) { }
    $code //= $? & 127 ? 128 + ( $? & 127 ) : $? >> 8;
}
if ( $code > 128 && $code < 160 ) {
    my $signal = $code - 128;
    $SIG{$_} = 'DEFAULT' for qw(INT QUIT TERM HUP USR1 USR2);
    kill $signal, $$;
}
exit $code;
