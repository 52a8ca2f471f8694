# Starts a builder and waits for it: what a chain of util-linux's programs does too (build.sh), as system calls of one
# program, which costs a build a few milliseconds instead of some forty. Perl is what can make them: perl-base is
# Essential in Debian, and elsewhere perl is nearly always there. No modules: loading them would cost more than the rest.
#
# On standard input comes the request, as words that each end with NUL: a name, a number, so many values; again and
# again. launcher.ts writes and explains it. Descriptors: 1 the builder's output, 2 what we have to say: our troubles,
# or `started`.
#
# Processes: this one waits, dies with copse, and ends as the builder ends (128 + n for a signal). With namespaces its
# child is their process 1: it lays the root out, moves into it, reaps what builders leave behind, dies with this one,
# and takes all others with it when it ends. The builder is the child of that; without namespaces, this process itself.
use strict;

my %machines = (
    62 => {
        mount => 165, umount2 => 166, pivot_root => 155, unshare => 272, prctl => 157, personality => 135,
        sethostname => 170, setdomainname => 171, capset => 126, statfs => 137, prlimit64 => 302, execve => 59,
        setgroups => 116, setresuid => 117, setresgid => 119, close_range => 436,
    },
    183 => {
        mount => 40, umount2 => 39, pivot_root => 41, unshare => 97, prctl => 167, personality => 92,
        sethostname => 161, setdomainname => 162, capset => 91, statfs => 43, prlimit64 => 261, execve => 221,
        setgroups => 159, setresuid => 147, setresgid => 149, close_range => 436,
    },
);
my $NEW_USERS = 0x10000000;
my ( $REMOUNT, $BIND, $RECURSIVE, $PRIVATE ) = ( 32, 4096, 16384, 1 << 18 );

sub fail {
    syswrite STDERR, "$_[0]\n";
    exit 125;
}

# The ELF header of this very perl says which numbers its system calls have.
sub machine {
    open my $file, '<:raw', '/proc/self/exe' or return 0;
    read $file, my $header, 20;
    return unpack 'x18 v', $header;
}
my $number = $machines{ machine() } or fail('perl is of an unknown machine');

# Numbers are passed as such, all else as pointers to bytes, of copies: perl passes no constants.
sub call { my ( $name, @arguments ) = @_; return syscall( $number->{$name}, @arguments ) >= 0 }

sub ask {
    my $text = '';
    while ( my $count = sysread STDIN, $text, 65536, length $text ) { }
    my @words = split /\0/, $text, -1;
    my ( %asked, @steps );
    while ( @words > 1 ) {
        my ( $name, $count ) = splice @words, 0, 2;
        my @values = splice @words, 0, $count;
        if   ( $name eq 'step' ) { push @steps, \@values }
        else                     { $asked{$name} = \@values }
    }
    fail('the request was cut short') if !$asked{end};
    return ( \%asked, \@steps );
}
my ( $asked, $steps ) = ask();
my $unshared = 0 + ( $asked->{unshare} // [0] )->[0];

# Whatever else copse was started with: locks that a shell holds, pipes of make's.
sub close_others {
    return if call( 'close_range', 3, 0xffffffff, 0 );
    opendir my $folder, '/proc/self/fd' or fail("Cannot list descriptors: $!");
    my @others = grep { /^\d+$/ && $_ > 2 && $_ != fileno $folder } readdir $folder;
    for my $other (@others) {
        open my $handle, "<&=$other" or next;
        close $handle;
    }
}

sub die_with_parent { call( 'prctl', 1, 9, 0, 0, 0 ) or fail("Cannot ask for the parent's end: $!") }

sub write_to {
    my ( $file, $text ) = @_;
    open my $handle, '>:raw', $file or fail("Cannot open $file: $!");
    defined( syswrite $handle, $text ) or fail("Cannot write to $file: $!");
    return close $handle;
}

# As whom the builder runs, outside of the namespace and inside.
sub enter_namespaces {
    my ( $uid, $gid ) = ( $> + 0, $) + 0 );
    call( 'unshare', $unshared ) or fail("Cannot make namespaces: $!");
    if ( $unshared & $NEW_USERS ) {
        my ( $uid_inside, $gid_inside ) = @{ $asked->{ids} };
        write_to( '/proc/self/setgroups', 'deny' );
        write_to( '/proc/self/uid_map',   "$uid_inside $uid 1" );
        write_to( '/proc/self/gid_map',   "$gid_inside $gid 1" );
    }
    call( 'mount', 'none', '/', 0, $RECURSIVE | $PRIVATE, 0 ) or fail("Cannot make mounts private: $!");
}

# In a user namespace a remount may not drop what the mount below it has: read-only, nosuid, nodev, noexec and the
# handling of access times. statfs(2) tells, with one of the bits elsewhere.
sub seal {
    my ( $target, $flags ) = @_;
    my $facts = "\0" x 256;
    syscall( $number->{statfs}, $target, $facts ) == 0 or return 0;
    my $has = unpack 'x80 Q', $facts;
    my $kept = $has & ( 1 | 2 | 4 | 8 | 1024 | 2048 );
    $kept |= 1 << 21 if $has & 4096;
    return call( 'mount', 'none', $target, 0, $REMOUNT | $BIND | $flags | $kept, 0 );
}

my %step = (
    folder => sub { mkdir $_[0] },
    file   => sub { write_to(@_) },
    link   => sub { symlink $_[1], $_[0] },
    mount  => sub {
        my ( $source, $target, $type, $flags, $data ) = @_;
        call( 'mount', $source, $target, $type, 0 + $flags, $data ) or fail("Cannot mount $source at $target: $!");
    },
    seal => sub { seal( $_[0], 0 + $_[1] ) },
    move => sub {
        chdir $_[0] or return 0;
        # The old root is then mounted over the new one, and what unmounting `.` unmounts.
        call( 'pivot_root', '.', '.' ) && call( 'umount2', '.', 2 ) && chdir '/';
    },
    loopback => sub {
        my $up = pack 'a16 s x22', 'lo', 0x41;
        socket my $socket, 2, 2, 0 or return 0;
        return ioctl $socket, 0x8914, $up;
    },
    hostname => sub {
        my ( $host, $domain ) = @_;
        call( 'sethostname', $host, length $host ) && call( 'setdomainname', $domain, length $domain );
    },
);

sub run_steps {
    for my $words (@$steps) {
        my ( $name, @values ) = @$words;
        $step{$name}->(@values) or fail("Cannot lay out the root: $name $values[0]: $!");
    }
}

sub limit {
    my ( $resource, $soft ) = @_;
    my $limits = "\0" x 16;
    syscall( $number->{prlimit64}, 0, $resource, 0, $limits ) == 0 or return;
    call( 'prlimit64', 0, $resource, pack( 'QQ', $soft, ( unpack 'QQ', $limits )[1] ), 0 );
}

sub drop_rights {
    if ( my $user = $asked->{user} ) {
        my ( $uid, $gid ) = map { 0 + $_ } @$user;
        call( 'setgroups', 0, 0 ) && call( 'setresgid', $gid, $gid, $gid ) && call( 'setresuid', $uid, $uid, $uid )
          or fail("Cannot become user $uid: $!");
        # Changing the user makes the kernel forget it.
        die_with_parent();
    }
    call( 'prctl', 38, 1, 0, 0, 0 ) or fail("Cannot refuse new privileges: $!");
    return if !( $unshared & $NEW_USERS );
    call( 'prctl', 47, 4, 0, 0, 0 );
    call( 'capset', pack( 'L l', 0x20080522, 0 ), pack( 'L6', (0) x 6 ) ) or fail("Cannot drop capabilities: $!");
}

sub become_builder {
    drop_rights();
    chdir $asked->{directory}[0] or fail("Cannot start in $asked->{directory}[0]: $!");
    open STDIN, '<', '/dev/null' or fail("Cannot open /dev/null: $!");
    limit( 4, 0 );
    if ( my $stack = $asked->{stack} ) { limit( 3, 0 + $stack->[0] ) }
    my ( $file, @words ) = @{ $asked->{words} };
    my ( $words, $variables ) = ( pack( 'p*', @words, undef ), pack( 'p*', @{ $asked->{variables} }, undef ) );
    syswrite STDERR, "started\n";
    open STDERR, '>&', \*STDOUT or exit 125;
    if ( my $hex = $asked->{filter} ) {
        # struct sock_fprog: a length, and after padding a pointer. Where the kernel has no filters, there is none.
        my $filter = pack 'H*', $hex->[0];
        call( 'prctl', 22, 2, pack( 'S x6 P', length($filter) / 8, $filter ), 0, 0 );
    }
    call( 'execve', $file, $words, $variables );
    syswrite STDOUT, "error: executing '$file': $!\n";
    exit 1;
}

# As process 1: until the builder has ended, whoever else does.
sub end_as {
    my ($builder) = @_;
    while ( ( my $pid = wait ) != $builder ) { exit 125 if $pid < 0 }
    exit( $? & 127 ? 128 + ( $? & 127 ) : ( $? >> 8 ) & 255 );
}

close_others();
# Perl itself ignores it.
$SIG{FPE} = 'DEFAULT';
umask 022;
call( 'personality', 0 + $asked->{personality}[0] );
enter_namespaces() if $unshared;
die_with_parent();
kill 'KILL', $$ if getppid() != $asked->{parent}[0];
become_builder() if !$unshared;

# Only this process can write to it: when nobody can, it has ended.
pipe my $life, my $living or fail("Cannot make a pipe: $!");
my $first = fork // fail("Cannot start a process: $!");
if ( $first == 0 ) {
    close $living;
    die_with_parent();
    my $ended = '';
    vec( $ended, fileno $life, 1 ) = 1;
    exit 125 if select $ended, undef, undef, 0;
    run_steps();
    my $builder = fork // fail("Cannot start a process: $!");
    become_builder() if $builder == 0;
    # So that its output ends when the builder and what it has started have closed it.
    close STDOUT;
    end_as($builder);
}
close STDOUT;
waitpid $first, 0;
kill $? & 127, $$ if $? & 127;
exit( $? >> 8 );
