#!/bin/sh
# halbsim check on a pair of keepalived.conf files, and on a case: each mistake that
# one can make between two directors has its message, and a pair without has none.
. "$(dirname "$0")/lib.sh"
cd "$TOP" || exit 1

cat >"$TMP/a.conf" <<'CONF'
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 101
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1234
    }
    virtual_ipaddress {
        192.168.31.200
    }
}
virtual_server 192.168.31.200 80 {
    delay_loop 3
    lb_algo rr
    lb_kind DR
    persistence_timeout 60
    protocol TCP
    real_server 192.168.31.113 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
            retry 2
        }
    }
}
CONF
sed 's/MASTER/BACKUP/; s/101/100/' "$TMP/a.conf" >"$TMP/right.conf"

# The second file, changed by a sed script, against the first: FILE:LINE and words of
# what is said, lines joined.
check() {
	sed "$1" "$TMP/right.conf" >"$TMP/b.conf"
	(cd "$TMP" && COLUMNS=100 "$BIN/halbsim" check a.conf b.conf) >"$TMP/out" 2>&1
	status=$?
	tr -s ' \n' ' ' <"$TMP/out" >"$TMP/joined"
}
said() { # NAME SED-SCRIPT WORDS...
	name=$1
	check "$2"
	shift 2
	t_is "$name: exit" "$status" 0
	for words in "$@"; do
		t_ok "$name: $words" grep -qF -- "$words" "$TMP/joined"
	done
}

check ''
t_is "a pair without a mistake" "$(sed -n '/^Worth/,$p' "$TMP/out" | grep -c '^  [a-z]')" 2
t_ok "  is told about its password alone" grep -q "sends the password in clear text" "$TMP/joined"

said 'VRID' 's/_id 51/_id 52/' 'virtual_router_id 52 here and 51 on a.conf'
said 'advert_int' 's/advert_int 1/advert_int 2/' \
	'advert_int is 1 s on a.conf and 2 s on b.conf' 'both become master (RFC 3768 7.1)'
said 'no authentication' '/authentication/,/^    }/d' \
	'authentication is PASS on a.conf and none on b.conf' 'VI_1 is not authenticated'
said 'password' 's/1234/4321/' 'the passwords of a.conf and b.conf differ'
said 'auth_type for auth_pass' 's/auth_pass/auth_type/' "did you mean 'auth_pass'?"
said 'another address' 's/^        192.168.31.200/&\n        192.168.31.201/' \
	'192.168.31.201 is among the addresses of b.conf but not of a.conf'
said 'no address' 's/^        192.168.31.200/&1/' \
	"'192.168.31.2001'" 'VI_1'
said 'priority' 's/priority 100/priority 101/' 'has priority 101 on both a.conf and b.conf'
said 'nopreempt' 's/BACKUP/MASTER/; s/^    priority.*/&\n    nopreempt/' \
	'nopreempt does not work with state MASTER' 'is `state MASTER` on both a.conf and b.conf'
said 'interface' 's/eth0/eth1/' 'VRID 51 is on eth0 on a.conf and on eth1 on b.conf'
said 'version' 's/advert_int 1/&\n    version 3/' 'speaks version 2 on a.conf and 3 on b.conf'
said 'no protocol' '/protocol/d' "taken as UDP; did you mean 'protocol TCP'?" \
	'TCP clients are not served' 'is on a.conf but not on b.conf: after a failover nobody serves it'
said 'another service' 's/200 80 {/200 443 {/' \
	'192.168.31.200:80 is on a.conf but not on b.conf' '192.168.31.200:443 is on b.conf'
said 'another real server' 's/31.113/31.150/' \
	'192.168.31.113:80 is a real server on a.conf, not on b.conf' \
	'192.168.31.150:80 is a real server on b.conf, not on a.conf'
said 'weight' 's/weight 1/weight 5/' 'has weight 1 on a.conf and 5 on b.conf'
said 'scheduler' 's/lb_algo rr/lb_algo wrr/' 'the scheduler is rr on a.conf and wrr on b.conf'
said 'method' 's/lb_kind DR/lb_kind NAT/' 'is forwarded by DR on a.conf and NAT on b.conf'
said 'persistence' 's/timeout 60/timeout 90/' \
	'persistence_timeout is 60 s on a.conf and 90 s on b.conf'
said 'checks' 's/retry 2/retry 9/' 'checked in another way on b.conf than on a.conf (retry)'
said 'no check' '/TCP_CHECK/,/^        }/d' 'has no health check: it stays in the table'
said 'virtual server without an instance' 's/^virtual_server 192.168.31.200/virtual_server 192.168.31.210/' \
	'no instance has this address, so it does not fail over'
said 'unicast' 's/advert_int 1/&\n    unicast_peer {\n        192.168.31.54\n    }/' \
	'b.conf sends to unicast peers, a.conf by multicast'
said 'a word that is not acted upon' '1i static_routes {\n 192.0.2.0/24 via 192.168.31.1\n}' \
	"'static_routes' is not supported by halbd; keepalived would" 'ignoring it is not safe'

# In a case the site is known too: interfaces, and the real servers' settings.
mkdir -p "$TMP/site/cases/c/lvs2"
cp -R topologies "$TMP/site/"
conf=topologies/lvs_dr/lvs2/keepalived.conf
case_with() { # SED-SCRIPT NODE-LINES
	sed "$1" $conf >"$TMP/site/cases/c/lvs2/keepalived.conf"
	cat >"$TMP/site/cases/c/case.conf" <<-CONF
	case c {
	    about "a site with a mistake"
	    topology lvs_dr
	    node web1 {
	        $2
	    }
	    traffic http { rate 10/s }
	    timeline { at settled+1s { end } }
	    expect { no failover }
	}
	CONF
	(cd "$TMP/site" && "$BIN/halbsim" check cases/c) >"$TMP/out" 2>&1
	status=$?
	tr -s ' \n' ' ' <"$TMP/out" >"$TMP/joined"
}
case_with 's/interface .*/interface eth9/' 'sysctl net.ipv4.ip_forward 0'
t_ok "an interface that does not exist" grep -q "eth9.* exist\|no interface .*eth9" "$TMP/joined"
t_ok "  those that do" grep -q "In this topology lvs2 has enp0s3\. A site with other interfaces" \
	"$TMP/joined"
case_with '' 'no address 192.168.31.200'
t_ok "a real server without the address" grep -q "web1 (192.168.31.113) does not have 192.168.31.200 on lo" "$TMP/joined"
case_with '' 'sysctl net.ipv4.conf.all.arp_ignore 0'
t_ok "a real server that answers ARP" grep -q "web1 answers ARP for 192.168.31.200 (arp_ignore is 0" "$TMP/joined"
case_with '' 'sysctl net.ipv4.conf.all.arp_announce 0'
t_ok "a real server that announces" grep -q "web1 announces 192.168.31.200 .*arp_announce is not 2" "$TMP/joined"
case_with 's/connect_port 80/connect_port 8080/' 'sysctl net.ipv4.ip_forward 0'
t_ok "a check of a port where nobody listens" \
	grep -q "192.168.31.113:80: web1 does not listen on port 8080 (.web 8080. in topology.conf)" \
	"$TMP/joined"
case_with 's/connect_port 80/connect_ip 192.168.31.9/' 'sysctl net.ipv4.ip_forward 0'
t_ok "a check of nobody's address" grep -q "no node of the topology has 192.168.31.9" "$TMP/joined"
case_with 's/TCP_CHECK/SMTP_CHECK/' 'sysctl net.ipv4.ip_forward 0'
t_ok "a check that nobody answers" grep -q "nothing in web1 speaks SMTP" "$TMP/joined"
http='HTTP_GET {\n url {\n path \/\n'
case_with "s/TCP_CHECK {/$http status_code 302\n }/" 'sysctl net.ipv4.ip_forward 0'
t_ok "a status that is not answered" \
	grep -q "does not take status 200, which web1 answers to /: it fails" "$TMP/joined"
case_with "s/TCP_CHECK {/$http digest 9b3a0c85a887a256d6939da88aabd8cd\n }/" \
	'sysctl net.ipv4.ip_forward 0'
t_ok "a page of its own" grep -q "the check of / wants a page of its own (digest)" "$TMP/joined"
case_with "s/TCP_CHECK {/HTTP_GET {\n url {\n path \/health\n status_code 204\n }/" \
	'sysctl net.ipv4.ip_forward 0'
t_is "a path that is answered" "$(grep -c '204\|/health' "$TMP/out")" 0
t_done
